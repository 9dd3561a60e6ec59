"""Versions follow the content of models; models that are not here are told apart from those that are."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from toto_bench.robots.assets import assets_version
from toto_bench.robots.assets import panda as panda_module
from toto_bench.robots.assets.available import available_assets, prefetch_assets
from toto_bench.robots.errors import AssetsError, AssetsNameError

FOLDER = "franka_emika_panda"


def menagerie() -> str:
    return assets_version("menagerie", "franka")


def test_it_is_the_same_each_time_and_of_each_robot_its_own() -> None:
    franka, kuka = (assets_version("primitive", robot) for robot in ("franka", "kuka-allegro"))
    assert franka == assets_version("primitive", "franka")
    assert franka != kuka
    assert franka.startswith("primitive-")


def test_a_changed_limit_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = assets_version("primitive", "franka")
    monkeypatch.setattr(panda_module, "_WIDE", 2.8)
    assert assets_version("primitive", "franka") != before


def test_menageries_follows_the_bytes_wherever_they_lie(
    fake: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloaded = menagerie()
    assert downloaded.startswith("menagerie-")
    copy = tmp_path / "copy" / FOLDER
    copy.mkdir(parents=True)
    text = (tmp_path / "cache" / FOLDER / "panda.xml").read_text()
    (copy / "panda.xml").write_text(text)
    (copy / "README.md").write_text("not part of the model")
    monkeypatch.setenv("MENAGERIE_ROOT", str(copy.parent))
    assert menagerie() == downloaded
    (copy / "panda.xml").write_text(text + "<!-- changed -->")
    assert menagerie() != downloaded


def test_names_that_do_not_exist_are_told() -> None:
    with pytest.raises(AssetsNameError, match="no robot models called `meshes`"):
        assets_version("meshes", "franka")
    with pytest.raises(AssetsNameError, match="have no `kuka-allegro`"):
        assets_version("menagerie", "kuka-allegro")


def test_models_are_there_once_they_were_fetched(fake: SimpleNamespace, tmp_path: Path) -> None:
    def look() -> tuple[bool, str | None, str]:
        (found,) = (each for each in available_assets() if each.source == "menagerie")
        return found.here, found.version, found.detail

    assert look() == (False, None, "not downloaded yet: `toto-bench simulate assets --prefetch`")
    assert not (tmp_path / "cache").exists()
    folder = tmp_path / "cache" / FOLDER
    assert prefetch_assets() == {"franka": folder}
    assert look() == (True, menagerie(), str(folder))


def test_a_root_without_the_model_is_told(
    fake: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENAGERIE_ROOT", str(tmp_path))
    assert available_assets()[-1].detail == f"MENAGERIE_ROOT={tmp_path} has no folder `{FOLDER}`"
    with pytest.raises(AssetsError, match="not found under MENAGERIE_ROOT"):
        prefetch_assets()


def test_no_network_is_told(fake: SimpleNamespace) -> None:
    fake.network = False
    with pytest.raises(AssetsError, match=r"could not be had \(no network\).*set MENAGERIE_ROOT"):
        prefetch_assets()
    assert not available_assets()[-1].here

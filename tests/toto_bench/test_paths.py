"""Where things lie."""

from pathlib import Path

import pytest

from toto_bench import paths


def test_home_is_what_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """TOTO_BENCH_HOME moves weights, data and caches together."""
    monkeypatch.setenv("TOTO_BENCH_HOME", str(tmp_path))
    assert paths.home() == tmp_path
    assert paths.default_data("davis") == tmp_path / "data" / "davis"
    assert paths.weights_folder() == tmp_path / "weights"
    assert paths.cache_folder() == tmp_path / "cache"


def test_home_of_the_user_is_filled_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A tilde that no shell expanded is not the name of a folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TOTO_BENCH_HOME", "~/bench")
    assert paths.home() == tmp_path / "bench"


@pytest.mark.parametrize("value", [None, ""])
def test_home_has_a_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None) -> None:
    """Without the variable, or with an empty one, it is the user's cache."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("TOTO_BENCH_HOME")
    if value is not None:
        monkeypatch.setenv("TOTO_BENCH_HOME", value)
    assert paths.home() == tmp_path / ".cache" / "toto-bench"


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [("tasks", "davis.toml"), ("backbones", "dino.toml"), ("leaderboards", "published/*.csv")],
)
def test_shipped_folders_are_found(kind: paths.Kind, pattern: str) -> None:
    """Cards and tables are found however the package is run."""
    assert list(paths.shipped(kind).glob(pattern))


def test_an_installed_package_has_its_cards_inside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`_data` inside the package goes before a folder beside it."""
    package = tmp_path / "site-packages" / "toto_bench"
    (package / "_data" / "tasks").mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(package / "paths.py"))
    assert paths.shipped("tasks") == package / "_data" / "tasks"
    assert paths.shipped("backbones") == package.parent / "backbones"

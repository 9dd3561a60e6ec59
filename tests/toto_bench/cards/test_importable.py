"""Folders that cannot be plug-ins: what is wrong, and a way out that works."""

from pathlib import Path

import pytest

from toto_bench.cards import CardError
from toto_bench.cards.plugins import add_plugin_folder
from toto_bench.cli import invoke

ADVICE = r"installed as well\. Leave the folder out .*`pip install -e \.`.*`pip uninstall owl-package`"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plug-in `owl_share` as pip installs it; gives the folder of packages."""
    site = tmp_path / "site"
    info = site / "owl_package-1.0.dist-info"
    for folder in (info, site / "owl_share"):
        folder.mkdir(parents=True)
    (site / "owl_share" / "__init__.py").touch()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: owl-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[toto_bench.plugins]\nowls = owl_share\n")
    monkeypatch.syspath_prepend(site)
    return site


def test_the_folder_that_an_installed_plug_in_was_made_of(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another name would break its entries: one of the two has to go. Both for commands and for `new`."""
    own = tmp_path / "own" / "owl_share"
    own.mkdir(parents=True)
    monkeypatch.chdir(own.parent)
    with pytest.raises(CardError, match=ADVICE) as caught:
        add_plugin_folder(Path("owl_share"))
    assert "something else" not in str(caught.value)
    assert str(installed / "owl_share" / "__init__.py") in str(caught.value)
    assert invoke(["new", "backbone", "tiny-eyes", "--plugin-dir", "owl_share"]) == 2
    message = capsys.readouterr().err
    assert "`pip uninstall owl-package`" in message
    assert "another name" not in message


def test_the_installed_folder_itself_can_be_named(installed: Path) -> None:
    """As after `pip install -e .`: there is one only."""
    add_plugin_folder(installed / "owl_share")


@pytest.mark.parametrize("given", ["nope", "a/b/nope", "a b/nope"])
def test_a_folder_that_is_not_there(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command that is named makes it, there and not elsewhere."""
    monkeypatch.chdir(tmp_path)
    assert invoke(["list", "--plugin-dir", given]) == 2
    quoted = f"'{given}'" if " " in given else given
    assert f"`toto-bench new task NAME --plugin-dir {quoted}` makes one" in capsys.readouterr().err
    assert invoke(["new", "task", "count-owls", "--plugin-dir", given]) == 0
    assert invoke(["list", "--plugin-dir", given]) == 0


def test_a_folder_that_could_not_be_made_is_no_advice(tmp_path: Path) -> None:
    """No package can be called so."""
    with pytest.raises(CardError, match=r"there is no such folder\.$"):
        add_plugin_folder(tmp_path / "my-plugins")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """`new` could not make a folder there."""
    (tmp_path / "train.py").touch()
    with pytest.raises(CardError, match=r"`--plugin-dir .*train\.py`: it is a file: give the folder"):
        add_plugin_folder(tmp_path / "train.py")

"""Plug-ins: found where they are named, warned of when broken, and never in the way."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from toto_bench.cards import CardError, backbone_cards, task_cards
from toto_bench.cards.plugins import PluginWarning, add_plugin_folder, plugins
from toto_bench.cli import invoke

FAMILY = """
family = "{name}"
summary = "Sees."
paper = "none"
[architecture]
model = "eye"
layers = 1
[variants.{name}]
title = "{name}"
"""


def write_plugin(folder: Path, name: str = "owl-eye", content: str = FAMILY) -> Path:
    """A folder with one backbone card."""
    (folder / "backbones").mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").touch()
    (folder / "backbones" / f"{name}.toml").write_text(content.format(name=name))
    return folder


def install(site: Path, value: str, name: str = "owls") -> None:
    """What pip leaves of a package with an entry point."""
    info = site / "owl_package-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: owl-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[toto_bench.plugins]\n{name} = {value}\n")


def test_a_folder_is_found_through_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cards stand after the shipped ones, and its parent is importable."""
    folder = write_plugin(tmp_path / "owls_by_variable")
    monkeypatch.setenv("TOTO_BENCH_PATH", str(folder))
    cards = backbone_cards()
    assert list(cards)[-1] == "owl-eye"
    assert "pixels" in cards
    assert str(tmp_path) in sys.path


def test_a_folder_is_found_through_the_option_and_by_child_processes(tmp_path: Path) -> None:
    """The option sets the variable, which children inherit."""
    add_plugin_folder(write_plugin(tmp_path / "owls_by_option"))
    assert "owl-eye" in backbone_cards()
    code = "from toto_bench.cards import backbone_cards; print('owl-eye' in backbone_cards())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_the_option_stands_on_every_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also on commands inside groups."""
    folder = str(write_plugin(tmp_path / "owls_on_commands"))
    assert invoke(["show", "backbone", "owl-eye", "--plugin-dir", folder]) == 0
    assert "owl-eye" in capsys.readouterr().out
    assert invoke(["list", "--plugin-dir", str(tmp_path / "nowhere")]) == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_an_installed_package_is_found_without_being_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its module would fail; listing does not run it."""
    package = write_plugin(tmp_path / "owl_installed")
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    install(tmp_path, "owl_installed")
    monkeypatch.syspath_prepend(tmp_path)
    assert [plugin.name for plugin in plugins()] == ["owls"]
    assert "owl-eye" in backbone_cards()


@pytest.mark.parametrize(
    "code", ["raise RuntimeError('imported')", "import sys; sys.exit(3)", "print('hello')", "1 +"]
)
@pytest.mark.parametrize("value", ["owl_loud", "owl_loud.sub"])
def test_listing_runs_no_code_of_an_installed_package(
    value: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither that of the package, nor that of the package around it: the list is whole."""
    (write_plugin(tmp_path / "owl_loud") / "__init__.py").write_text(code + "\n")
    write_plugin(tmp_path / "owl_loud" / "sub")
    install(tmp_path, value)
    monkeypatch.syspath_prepend(tmp_path)
    assert invoke(["list", "backbones", "--json"]) == 0
    captured = capsys.readouterr()
    assert "owl-eye" in [entry["name"] for entry in json.loads(captured.out)["backbones"]]
    assert captured.err == ""


def test_a_package_inside_an_installed_one_that_is_gone_is_a_named_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package around it is there, its folder is not."""
    write_plugin(tmp_path / "owl_hollow")
    install(tmp_path, "owl_hollow.sub")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.warns(
        PluginWarning, match=r"`owl_hollow\.sub` cannot be found \(there is no folder .*owl_hollow/sub\)"
    ):
        assert not plugins()


def test_an_installed_package_that_is_named_too_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    """Its cards are not their own rivals."""
    folder = write_plugin(tmp_path / "owl_both")
    install(tmp_path, "owl_both")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("TOTO_BENCH_PATH", str(folder))
    assert [plugin.name for plugin in plugins()] == ["owls"]
    assert "owl-eye" in backbone_cards()
    assert not list(recwarn)


def test_an_installed_package_that_is_gone_is_a_named_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the distribution to reinstall or remove."""
    install(tmp_path, "owl_gone")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.warns(PluginWarning, match=r"`owls` \(package owl-package 1\.0\) is broken.*`owl_gone`"):
        assert "pixels" in backbone_cards()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("family = ", "cannot be read as a card"),
        (FAMILY.replace("layers = 1", "layer = 1"), "Did you mean `layers`"),
        (FAMILY.replace("[variants.{name}]", "[variants.pixels]"), "`pixels` exists already"),
    ],
)
def test_a_broken_card_is_a_named_warning_and_the_rest_works(
    content: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`list` shows the good card of the same plug-in, and everything shipped."""
    folder = write_plugin(write_plugin(tmp_path / "owls_half_broken", "good-eye"), "bad-eye", content)
    assert invoke(["list", "backbones", "--plugin-dir", str(folder)]) == 0
    captured = capsys.readouterr()
    assert "good-eye" in captured.out
    assert "pixels " in captured.out
    assert captured.err.startswith(f"Warning: The plug-in `{folder}` has a card that is left out. ")
    assert problem in captured.err
    assert captured.err.count("\n") == 1


def test_a_task_whose_code_fails_is_listed_and_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever its module raises: the error names entry and reason."""
    folder = tmp_path / "owls_failing"
    (folder / "tasks").mkdir(parents=True)
    (folder / "broken.py").write_text("1 / 0\n")
    (folder / "tasks" / "hoot.toml").write_text(
        'name = "hoot"\ntitle = "Hoot"\nversion = 1\nentry = "owls_failing.broken:Hoot"\nsummary = "s."\n'
        'paper = "none"\nprimary = "p"\nunit = "u"\n'
        'metrics = [{ name = "p", title = "P", description = "d." }]\nprotocol = {}\n'
        'data = { name = "d", url = "u", licence = "l", size = "s", layout = "t", how_to_get = "h" }\n'
        'presets.paper = { description = "d", source = "s" }\n'
    )
    assert invoke(["list", "tasks", "--plugin-dir", str(folder)]) == 0
    assert "hoot" in capsys.readouterr().out
    command = ["run", "--task", "hoot", "--backbone", "pixels", "--plugin-dir", str(folder)]
    assert invoke(command) == 2
    assert "`owls_failing.broken:Hoot` of the task `hoot` cannot be imported (ZeroDivisionError" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("name", ["json", "my-plugins"])
def test_a_folder_that_cannot_be_imported_under_its_name_is_refused(name: str, tmp_path: Path) -> None:
    """Another module is called so, or no module can be called so."""
    with pytest.raises(CardError, match=r"call (it|the folder) something"):
        add_plugin_folder(write_plugin(tmp_path / name))


def test_two_folders_of_one_name(tmp_path: Path) -> None:
    """The second would import the first one's code."""
    add_plugin_folder(write_plugin(tmp_path / "one" / "owls_twice"))
    with pytest.raises(CardError, match="call the folder something else"):
        add_plugin_folder(write_plugin(tmp_path / "two" / "owls_twice", "other-eye"))


def test_a_folder_in_the_variable_that_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Named, and everything else goes on."""
    monkeypatch.setenv("TOTO_BENCH_PATH", os.pathsep.join([str(tmp_path / "gone"), ""]))
    with pytest.warns(PluginWarning, match="gone"):
        assert "davis" in task_cards()


def test_an_edited_card_counts_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a notebook: another version, another file, a file that is gone."""
    folder = write_plugin(tmp_path / "owls_edited")
    monkeypatch.setenv("TOTO_BENCH_PATH", str(folder))
    assert backbone_cards()["owl-eye"].summary == "Sees."
    write_plugin(folder, content=FAMILY.replace("Sees.", "Sees at night."))
    assert backbone_cards()["owl-eye"].summary == "Sees at night."
    write_plugin(folder, "other-eye")
    assert "other-eye" in backbone_cards()
    (folder / "backbones" / "owl-eye.toml").unlink()
    assert "owl-eye" not in backbone_cards()


def test_a_relative_folder_in_the_variable_is_that_of_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process may go elsewhere, where the same words mean another folder."""
    monkeypatch.setenv("TOTO_BENCH_PATH", "owls_here")
    for place in ("one", "two"):
        folder = write_plugin(tmp_path / place / "owls_here")
        monkeypatch.setattr(sys, "path", [entry for entry in sys.path if str(tmp_path) not in entry])
        monkeypatch.chdir(folder.parent)
        assert [plugin.folder for plugin in plugins()] == [folder]

"""Places: broken plug-ins, stray files and taken names are problems here, not warnings."""

import os
import warnings

from toto_bench.validation import validate


def problems_of(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        subjects = validate()
    return [finding.text for subject in subjects if subject.kind == kind for finding in subject.problems]


def test_a_folder_of_the_variable_that_is_gone(tmp_path, monkeypatch) -> None:
    """Said at every call, also where a warning would come once."""
    monkeypatch.setenv("TOTO_BENCH_PATH", str(tmp_path / "gone"))
    for _ in range(2):
        (text,) = problems_of("plug-ins")
        assert f"TOTO_BENCH_PATH names `{tmp_path / 'gone'}`" in text


def test_an_installed_plugin_whose_package_is_gone(tmp_path, monkeypatch) -> None:
    """With the distribution to reinstall or remove."""
    info = tmp_path / "owl_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: owl-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[toto_bench.plugins]\nowls = owl_package_of_nobody\n")
    monkeypatch.syspath_prepend(tmp_path)
    (text,) = problems_of("plug-ins")
    assert "`owls` (package owl-package 1.0) is broken" in text


def test_a_plugin_without_cards_is_noted(plugin) -> None:
    """Perhaps its parent was meant."""
    for name in ("tasks", "backbones"):
        (plugin.folder / name).rmdir()
    (subject,) = [subject for subject in validate() if subject.kind == "plug-ins"]
    assert not subject.problems
    assert "has neither `tasks/` nor `backbones/`" in subject.notes[0].text


def test_files_that_nobody_reads(plugin) -> None:
    """A wrong suffix and a folder inside; hidden files, texts and code are left alone."""
    folder = plugin.folder / "tasks"
    for name in ("hoot.tml", ".hidden", "README.md", "hoot.py"):
        (folder / name).touch()
    (folder / "more").mkdir()
    (folder / "more" / "hoot.toml").touch()
    found = problems_of("folder")
    assert [text.split("`")[1] for text in found] == ["hoot.tml", "more/"]


def test_a_name_that_is_taken(plugin, monkeypatch, found) -> None:
    """By a shipped card, or by another plug-in."""
    plugin.family({"variants": {"dino-b8": {"title": "Owl"}, "owl-eye": {"title": "Owl"}}})
    other = type(plugin)(plugin.folder.with_name(plugin.folder.name + "_b"))
    other.family()
    monkeypatch.setenv("TOTO_BENCH_PATH", os.pathsep.join(map(str, (plugin.folder, other.folder))))
    taken = [text for text in problems_of("backbone") if "exists already" in text]
    assert "`dino-b8` exists already in " in taken[0]
    assert "dino.toml" in taken[0]
    assert f"`owl-eye` exists already in {plugin.folder}" in taken[1]

"""The forms of a new card's name."""

from pathlib import Path

from toto_bench.scaffold.names import names_for


def test_forms_of_a_name(tmp_path: Path) -> None:
    """Of the card, of the module, of the class, of the title."""
    names = names_for("task", "count-big-shapes", tmp_path / "mine")
    assert names == ("mine", "count-big-shapes", "count_big_shapes", "CountBigShapes", "Count Big Shapes")


def test_placeholders_are_filled(tmp_path: Path) -> None:
    """Each by its own form."""
    names = names_for("backbone", "big-eyes", tmp_path / "mine")
    text = "sample_plugins.sample_name:SampleNameNet 'Sample Name' --backbone sample-name"
    assert names.fill(text) == "mine.big_eyes:BigEyesNet 'Big Eyes' --backbone big-eyes"

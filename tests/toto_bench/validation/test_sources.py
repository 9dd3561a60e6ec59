"""Files: all problems of one are said, and the others are still read."""

from toto_bench.validation import validate


def test_all_problems_of_a_file_and_the_other_variants(plugin, found) -> None:
    """Two wrong keys in one variant; the other is checked as usual."""
    plugin.family(
        {
            "variants/owl-eye/architecture": {"layer": 2, "image_size": "big"},
            "variants/hawk-eye": {"title": "Hawk's eye"},
            "variants/blind": 3,
            "variants/named": {"title": "n", "name": "other"},
            "weights/licence": "",
        }
    )
    problems, _ = found("eye")
    assert any(
        "`variants.owl-eye.architecture.layer` is not a known key. Did you mean" in text for text in problems
    )
    assert any("`variants.owl-eye.architecture.image_size` = 'big'" in text for text in problems)
    assert any("`variants.blind` = 3: make it a table" in text for text in problems)
    assert any("`variants.named.name` is not a known key" in text for text in problems)
    subjects = {subject.name: subject for subject in validate(["eye"])}
    assert [finding.key for finding in subjects["hawk-eye"].problems] == ["weights.licence"]


def test_a_file_that_is_no_toml(plugin, found) -> None:
    """It is named by its file name."""
    plugin.family().write_text("family = ")
    assert "cannot be read as a card" in found("eye")[0][0]


def test_a_family_without_family_variants_or_with_a_name(plugin, found) -> None:
    """What belongs to the file as a whole."""
    plugin.family({"family": None, "name": "x", "variants": None})
    problems, _ = found("eye")
    assert [text.split(" is ")[0] for text in problems] == ["`family`", "`name`", "`variants`"]


def test_files_are_called_as_their_cards(plugin, found) -> None:
    """Tasks and families."""
    plugin.family(file="ear")
    plugin.task(file="hooot")
    assert found("ear")[0] == ["`family` is `eye`: rename the file to `eye.toml`."]
    assert found("hoot")[0] == ["`name` is `hoot`: rename the file to `hoot.toml`."]

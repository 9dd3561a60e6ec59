"""What a word on the command line means."""

import pytest

from toto_bench.cards import UnknownNameError
from toto_bench.paths import shipped
from toto_bench.validation import validate


def names(*words):
    return [subject.name for subject in validate(words) if subject.kind in ("task", "backbone")]


def test_a_word_is_a_card_a_family_or_a_file() -> None:
    """The exact name of a card comes before the family of that name."""
    assert names("davis") == ["davis"]
    assert names("pixels") == ["pixels"]
    assert names("mvp") == ["mvp-s16", "mvp-b16", "mvp-l16"]
    assert names(str(shipped("tasks") / "davis.toml"), "davis") == ["davis"]


@pytest.mark.parametrize("word", ["davs", "davs.toml"])
def test_a_word_that_means_nothing_is_refused(word) -> None:
    """With a suggestion, or the path."""
    with pytest.raises(UnknownNameError, match=r"Did you mean `davis`|no such card file"):
        validate([word])


@pytest.mark.parametrize(
    ("word", "meant"), [("DAVIS", "davis"), ("DINO-B8", "dino-b8"), ("mvpp", "mvp"), ("videomea", "videomae")]
)
def test_the_nearest_name_is_suggested(word, meant) -> None:
    """Of cards and of families, in capitals too."""
    with pytest.raises(UnknownNameError, match=f"Did you mean .*`{meant}`"):
        validate([word])


def test_a_file_beside_the_search_path_is_checked_and_noted(plugin, monkeypatch, found) -> None:
    """A run would not find it as it is."""
    path, task = plugin.family({"weights/licence": ""}), plugin.task()
    monkeypatch.setenv("TOTO_BENCH_PATH", "")
    monkeypatch.syspath_prepend(plugin.folder.parent)
    problems, notes = found(str(path))
    assert problems == ["`weights.licence` is empty: give the terms, or say that they are not stated."]
    assert "is not on the search path: put it into `backbones/` of a plug-in" in notes[0]
    assert "`tasks/`" in found(str(task))[1][0]

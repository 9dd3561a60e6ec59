"""Endings of errors about names."""

import pytest

from toto_bench.cards import did_you_mean


def test_the_nearest_name_is_suggested() -> None:
    """One letter missing is understood."""
    assert did_you_mean("davs", ["davis", "cater"]) == ". Did you mean `davis`?"


def test_capitals_are_understood() -> None:
    """The name is given as it is written."""
    assert did_you_mean("VIT-B8", ["vit-b8", "mae"]) == ". Did you mean `vit-b8`?"
    assert did_you_mean("vitmodel", ["ViTModel", "mae"]) == ". Did you mean `ViTModel`?"


def test_several_near_names_are_suggested_nearest_first() -> None:
    """At most three are given."""
    names = ["dino-b8", "dino-b16", "dino-s8", "dino-s16", "mae-b16"]
    text = did_you_mean("dino-b9", names)
    assert text.startswith(". Did you mean `dino-b8` or ")
    assert text.count("`") == 6
    assert "mae" not in text


def test_without_a_near_name_all_are_listed_in_order() -> None:
    """A reader who guessed wrongly sees what there is."""
    assert did_you_mean("zzz", ["davis", "cater", "cater"]) == ". There are: `cater`, `davis`."


def test_a_long_list_is_cut() -> None:
    """A thousand names are counted, not printed."""
    text = did_you_mean("zzz", [f"model-{index:03d}" for index in range(100)], listed=3)
    assert text == ". There are: `model-000`, `model-001`, `model-002` and 97 more."


def test_a_list_of_just_the_length_is_not_cut() -> None:
    """Nothing is said of 0 more."""
    assert did_you_mean("zzz", "abc", listed=3) == ". There are: `a`, `b`, `c`."


@pytest.mark.parametrize("known", [[], ["davis"], ["something else"]])
def test_the_sentence_is_always_complete(known: list[str]) -> None:
    """An error can end with it, or go on after it."""
    assert did_you_mean("davs", known)[0] == "."
    assert did_you_mean("davs", known)[-1] in ".?"

"""Names of data: spellings of one are told from names of two."""

import pytest

from toto_bench.validation.pretraining import alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("imagenet1k", "imagenet-1k"),
        ("imagnet-1k", "imagenet-1k"),
        ("something-something-v2", "somethingsomething-v2"),
        ("imagenet", "imagenet-1k"),
    ],
)
def test_spellings_of_one_data_set(one, other) -> None:
    """Dashes, a slip, an end left out."""
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("imagenet-1k", "imagenet-1k"),
        ("imagenet-1k", "imagenet-21k"),
        ("kinetics-400", "kinetics-600"),
        ("ego4d", "100doh"),
    ],
)
def test_names_of_two_data_sets(one, other) -> None:
    """A number makes another set; a name is no misspelling of itself."""
    assert not alike(one, other)


def test_the_spelling_of_fewer_cards_is_pointed_out(plugin, found) -> None:
    """And not that of the many."""
    plugin.family({"pretraining/data": ["imagenet1k"]})
    assert "Did you mean `imagenet-1k`" in found("owl-eye")[1][0]
    assert found("dino-b8") == ([], [])


def test_names_in_tasks_are_compared_too(plugin, found) -> None:
    """A task marks results by these names."""
    overlap = {"split": "training", "how": "the same images"}
    plugin.task({"data/overlaps": {"imagenet1k": overlap, "Owls": overlap}})
    problems, notes = found("hoot")
    assert problems == ["`data.overlaps` = `Owls`: write it in lower case with dashes, `owls`."]
    assert "`data.overlaps` = `imagenet1k`. Did you mean `imagenet-1k`" in notes[0]


def test_a_quoted_card_without_data_is_a_note(plugin, found) -> None:
    """Its published rows are marked; nothing is wrong with that."""
    quoted = {"entry": None, "weights": None, "quoted": "nobody can build it"}
    plugin.family({**quoted, "pretraining": None})
    problems, notes = found("owl-eye")
    assert problems == []
    assert any("`pretraining` is not said" in text for text in notes), notes
    plugin.family(quoted)
    assert not any("pretraining" in text for text in found("owl-eye")[1])

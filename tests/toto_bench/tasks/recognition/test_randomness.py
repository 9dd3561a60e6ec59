"""Numbers of a view."""

from toto_bench.tasks.recognition.randomness import view_generator


def test_numbers_are_of_seed_item_and_view_alone() -> None:
    """The same again; others as soon as one of the three differs."""
    draws = [
        view_generator(*key).random()
        for key in ((0, "a", 0), (0, "a", 0), (1, "a", 0), (0, "b", 0), (0, "a", 1))
    ]
    assert draws[0] == draws[1]
    assert len(set(draws)) == 4


def test_numbers_stay_what_they_are() -> None:
    """They are part of results: a change makes kept features wrong."""
    assert view_generator(0, "n01440764_10026", 3).integers(0, 1000, 3).tolist() == [175, 621, 165]

"""The public function: what it takes, what it refuses, and the rules that golden cases show only together."""

from typing import Any

import pytest

from toto_bench.errors import DataError, RequestError
from toto_bench.tasks.ego4d_sta import score_sta
from toto_bench.tasks.ego4d_sta.errors import (
    AnnotationError,
    MissingImagesError,
    NotFiniteError,
    NoTruthError,
    SubmissionLayoutError,
)

BOX = [10, 10, 59, 59]


def thing(
    box: list[float] = BOX, noun: int = 0, verb: int = 0, ttc: float = 0.5, **score: float
) -> dict[str, Any]:
    names = {"noun_category_id": noun, "verb_category_id": verb, "time_to_contact": ttc}
    return {"box": box, **names, **score}


def score(images: list[tuple[list, list]], **options: Any) -> dict[str, float]:
    """Of objects and predictions of each image."""
    annotations = {"annotations": [{"uid": f"u{n}", "objects": true} for n, (true, _) in enumerate(images)]}
    return score_sta(
        annotations, {"results": {f"u{n}": found for n, (_, found) in enumerate(images)}}, **options
    )


@pytest.mark.parametrize(("ttc", "value"), [(1.25, 1), (1.2500001, 0), (0.75, 1)])
def test_times_match_within_a_quarter_of_a_second(ttc: float, value: float) -> None:
    assert score([([thing(ttc=1.0)], [thing(ttc=ttc, score=1.0)])])["noun_ttc"] == value


def test_times_are_compared_as_binary_floats() -> None:
    assert score([([thing(ttc=0.3)], [thing(ttc=0.55, score=1.0)])])["noun_ttc"] == 0  # 0.55 - 0.3 > 0.25


@pytest.mark.parametrize(("side", "value"), [(24, 0), (24.01, 1)])
def test_overlap_is_strictly_above_a_half_of_pixels_that_include_the_last(side: float, value: float) -> None:
    assert score([([thing([0, 0, 49, 0])], [thing([0, 0, side, 0], score=1.0)])])["noun"] == value


def test_an_overlap_of_exactly_a_half_does_not_match() -> None:
    true, half = thing([0, 0, 999, 999]), thing([0, 0, 499, 999], score=1.0)  # so large that 1e-11 is nothing
    assert score([([true], [half])])["noun"] == 0


def test_whole_numbers_pass() -> None:
    assert score([([thing(ttc=1)], [thing(ttc=1, score=1)])])["overall"] == 1


def test_only_k_minus_one_false_positives_for_each_object_are_ignored() -> None:
    images = [([thing()], [*(thing([200, 200, 250, 250], score=0.9) for _ in range(5)), thing(score=0.5)])]
    assert score(images)["noun"] == 0.5
    assert score(images, top_k=6)["noun"] == 1
    assert score(images, top_k=1)["noun"] == score(images, top_k=None)["noun"] == pytest.approx(1 / 6)


@pytest.mark.parametrize("name", ["score", "ttc", "box"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(name: str, value: float) -> None:
    changes = {
        "score": {"score": value},
        "ttc": {"ttc": value, "score": 0.5},
        "box": {"box": [1, 2, value, 4], "score": 0.5},
    }
    with pytest.raises(NotFiniteError, match=r"1 of 1 objects is NaN or infinite, the first one of `u0`"):
        score([([thing()], [thing(**changes[name])])])  # type: ignore[arg-type]


def test_options() -> None:
    with pytest.raises(RequestError, match="top_k is 0"):
        score([([thing()], [thing(score=0.5)])], top_k=0)
    with pytest.raises(RequestError, match="choose `official` or `count`"):
        score([([thing()], [])], images_without_predictions="drop")


def test_what_is_no_annotation_file_or_submission() -> None:
    with pytest.raises(AnnotationError, match="no entries"):
        score_sta({}, {"results": {}})
    with pytest.raises(SubmissionLayoutError, match="no object `results`"):
        score_sta({"annotations": [{"uid": "u", "objects": [thing()]}]}, {"u": []})
    with pytest.raises(MissingImagesError, match=r"no entry for 1 of 1 annotated images: `u`"):
        score_sta({"annotations": [{"uid": "u", "objects": [thing()]}]}, {"results": {}})


def test_no_objects_at_all() -> None:
    with pytest.raises(NoTruthError, match="nothing to find"):
        score([([], [thing(score=0.5)])])
    assert issubclass(NoTruthError, DataError)


def test_inputs_are_left_as_they_were() -> None:
    annotations = {"annotations": [{"uid": "u", "objects": [thing()]}]}
    results = {"results": {"u": [thing(score=0.5)]}}
    before = repr((annotations, results))
    score_sta(annotations, results)
    assert repr((annotations, results)) == before

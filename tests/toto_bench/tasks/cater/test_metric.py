"""Top-1, top-5, L1 and averages beyond the golden vectors: ties, refusals."""

import numpy as np
import pytest

from toto_bench.tasks.cater import average_views, score_localization
from toto_bench.tasks.cater.errors import (
    ClassCountError,
    GridError,
    LabelTypeError,
    NoScoresError,
    NotNumbersError,
    ScoreShapeError,
    ViewsError,
)
from toto_bench.tasks.cater.metric import distances, ranks


def by_sorting(labels: np.ndarray, scores: np.ndarray, k: int) -> np.ndarray:
    """Whether the label is among the k last of a stable ascending sort."""
    order = np.fliplr(np.argsort(scores, axis=1, kind="stable"))[:, :k]
    return (order == labels[:, None]).any(axis=1)


@pytest.mark.parametrize("levels", [2, 4, 1000])
def test_ranks_are_those_of_a_stable_sort_read_backwards(levels: int) -> None:
    rng = np.random.default_rng(levels)
    scores, labels = rng.integers(0, levels, (500, 36)) / levels, rng.integers(0, 40, 500)
    found = ranks(labels, scores)
    for k in (1, 2, 5, 36):
        np.testing.assert_array_equal(found <= k, by_sorting(labels, scores, k))


def test_among_equals_top1_takes_the_largest_class_and_l1_the_smallest() -> None:
    scores = np.zeros((1, 36))
    assert score_localization(np.array([35]), scores) == {"top1": 1.0, "top5": 1.0, "l1": 10.0}
    assert score_localization(np.array([0]), scores) == {"top1": 0.0, "top5": 0.0, "l1": 0.0}


def test_labels_off_the_grid_are_wrong_and_measured_off_the_grid() -> None:
    scores = np.eye(36)[[35, 0]]
    np.testing.assert_array_equal(ranks(np.array([36, -1]), scores), [37, 37])
    np.testing.assert_array_equal(distances(np.array([36, -1]), scores), [5 + 1, 5 + 1])


def test_numbers_of_any_kind_are_scored_alike() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.permuted(np.tile(np.arange(36), (40, 1)), axis=1), rng.integers(0, 36, 40)
    expected = score_localization(labels, scores)
    assert 0 < expected["top5"] < 1
    for dtype in (np.float16, np.float32, np.float64, np.int8, np.uint16):
        assert score_localization(labels.astype(np.int32), scores.astype(dtype)) == expected
    assert score_localization(labels.tolist(), scores.tolist()) == expected


def test_the_square_is_tested_in_floating_point_as_officially() -> None:
    assert score_localization([0], np.eye(35)[[0]]) == {"top1": 1.0, "top5": 1.0, "l1": 0.0}


@pytest.mark.parametrize(
    ("labels", "scores", "error", "words"),
    [
        ([0, 1], np.zeros((3, 36)), ScoreShapeError, r"\[2\] and scores \[3, 36\]"),
        ([[0], [1]], np.zeros((2, 36)), ScoreShapeError, "expected"),
        ([0], np.zeros(36), ScoreShapeError, "expected"),
        (np.zeros(0, int), np.zeros((0, 36)), NoScoresError, "no video"),
        ([0.5], np.zeros((1, 36)), LabelTypeError, "whole numbers"),
        ([0], np.zeros((1, 37)), GridError, "37 columns"),
        ([0], np.zeros((1, 4)), GridError, "4 columns"),
        ([0], np.zeros((1, 0)), GridError, "0 columns"),
        ([0], np.full((1, 36), "a"), NotNumbersError, "real numbers"),
        ([0], np.zeros((1, 36), complex), NotNumbersError, "real numbers"),
        (
            [0, 1],
            np.array([[0.0] * 36, [0.0] * 35 + [np.nan]]),
            NotNumbersError,
            "1 of 2 rows are NaN, first row 1",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused(labels, scores, error, words) -> None:
    with pytest.raises(error, match=words):
        score_localization(labels, scores)


def test_views_are_divided_by_their_own_number_in_any_order() -> None:
    rng = np.random.default_rng(0)
    scores, owner = rng.random((7, 9)), np.array([2, 0, 2, 1, 2, 0, 2])
    found = average_views(owner, scores, count=3, classes=9)
    assert found.dtype == np.float32
    for video in range(3):
        np.testing.assert_allclose(found[video], scores[owner == video].mean(axis=0), rtol=1e-6)
    shuffled = rng.permutation(7)
    np.testing.assert_allclose(
        average_views(owner[shuffled], scores[shuffled], count=3, classes=9), found, rtol=1e-6
    )


@pytest.mark.parametrize(
    ("videos", "scores", "error", "words"),
    [
        ([0, 1], np.zeros((3, 9)), ScoreShapeError, "expected"),
        ([0, 1], np.zeros((2, 8)), ClassCountError, "8 scores each, but there are 9"),
        ([0, 2], np.zeros((2, 9)), ViewsError, "0 to 1"),
        ([0, -1], np.zeros((2, 9)), ViewsError, "0 to 1"),
        ([0.0, 1.0], np.zeros((2, 9)), ViewsError, "0 to 1"),
        ([0, 0], np.zeros((2, 9)), ViewsError, "1 of 2 videos have no view, first the one of index 1"),
        ([0, 1], np.full((2, 9), np.nan), NotNumbersError, "NaN"),
    ],
)
def test_views_that_cannot_be_averaged_are_refused(videos, scores, error, words) -> None:
    with pytest.raises(error, match=words):
        average_views(videos, scores, count=2, classes=9)

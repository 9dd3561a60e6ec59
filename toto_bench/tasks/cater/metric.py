"""Top-1, top-5 and L1 of snitch localization, as the official scorer has them.

Source: rohitgirdhar/CATER, commit 13a19643, `localization_eval.py` and `eval.py` of its non-local baseline.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toto_bench.tasks.cater.errors import (
    ClassCountError,
    GridError,
    LabelTypeError,
    NoScoresError,
    NotNumbersError,
    ScoreShapeError,
    ViewsError,
)

TOP = 5
"""Classes that top-5 looks at."""

Labels = NDArray[np.int64]
Scores = NDArray[Any]


def score_localization(labels: ArrayLike, scores: ArrayLike) -> dict[str, float]:
    """Score a list of videos as the official code, to the last digit.

    Among equal scores the largest class comes first in top-1 and top-5, the smallest in L1: top-1 can be right while
    L1 is above 0. A label beyond the grid counts as wrong, and its distance is measured off the grid.

    Args:
        labels: true class of each video, integers [N]; class = side * row + column.
        scores: of each class, larger is better, [N, C]; C is the square of the grid's side.

    Returns:
        `top1` and `top5` as fractions, `l1` as the mean Manhattan distance in cells.

    Raises:
        LocalizationError: they cannot be scored; one subclass per cause. NaN is refused: the official code would
            rank it first.
    """
    true, values = as_scorable(labels, scores)
    rank = ranks(true, values)
    return {
        "top1": float(np.mean(rank <= 1)),
        "top5": float(np.mean(rank <= TOP)),
        "l1": float(np.mean(distances(true, values))),
    }


def as_scorable(labels: ArrayLike, scores: ArrayLike) -> tuple[Labels, Scores]:
    """Labels int64 [N] and real scores [N, C].

    The square is tested as the official code tests it, in floating point: 35 columns pass, as there.

    Raises:
        LocalizationError: of one subclass per cause.
    """
    true, values = np.asarray(labels), np.asarray(scores)
    if true.ndim != 1 or values.ndim != 2 or len(true) != len(values):
        raise ScoreShapeError(
            f"Labels have the shape {list(true.shape)} and scores {list(values.shape)}: expected [N] and [N, C], one "
            "row of scores for each label."
        )
    if not len(true):
        raise NoScoresError("There is no video to score: labels and scores are empty.")
    if not np.issubdtype(true.dtype, np.integer):
        raise LabelTypeError(f"Labels are {true.dtype}, expected whole numbers: the cell of each video.")
    expect_numbers(values)
    classes, side = values.shape[1], np.sqrt(values.shape[1])
    if side * side != classes or classes < TOP:
        raise GridError(
            f"Scores have {classes} columns, which is no square grid of at least 3x3 cells: CATER has 36 (6x6), and 16 "
            "(4x4) or 64 (8x8) in its variants."
        )
    return true.astype(np.int64), values


def expect_numbers(scores: Scores) -> None:
    """Refuse scores [N, C] that are no numbers.

    Raises:
        NotNumbersError: names the first row.
    """
    if not (np.issubdtype(scores.dtype, np.floating) or np.issubdtype(scores.dtype, np.integer)):
        raise NotNumbersError(f"Scores are {scores.dtype}, expected real numbers.")
    if (wrong := np.isnan(scores).any(axis=1)).any():
        raise NotNumbersError(
            f"Scores of {int(wrong.sum())} of {len(scores)} rows are NaN, first row {int(wrong.argmax())}. The "
            "official code would take NaN for the highest score; find out where it comes from."
        )


def ranks(labels: Labels, scores: Scores) -> NDArray[np.int64]:
    """Place of the true class, [N]: 1 is first, the largest class first among equals; C + 1 beyond the grid."""
    classes = scores.shape[1]
    inside = (labels >= 0) & (labels < classes)
    column = np.where(inside, labels, 0)[:, None]
    own = np.take_along_axis(scores, column, axis=1)
    before = (scores > own) | ((scores == own) & (np.arange(classes) > column))
    return np.asarray(np.where(inside, 1 + before.sum(axis=1), classes + 1), dtype=np.int64)


def distances(labels: Labels, scores: Scores) -> NDArray[np.float64]:
    """Manhattan distance in cells, [N], from the highest score (the smallest class among equals) to the label."""
    side = np.sqrt(scores.shape[1])
    found = np.argmax(scores, axis=1)
    return np.asarray(np.abs(labels % side - found % side) + np.abs(labels // side - found // side))


def average_views(videos: ArrayLike, scores: ArrayLike, *, count: int, classes: int) -> NDArray[np.float32]:
    """The mean over the views of each video, float32 as in the official code, divided by its own number of views.

    Args:
        videos: index of the video that each view is of, integers [M], in any order.
        scores: softmax probabilities of each view, [M, C].
        count: number of videos N; each has at least one view.
        classes: C. The official code takes the largest label of its list plus one.

    Returns:
        Scores [N, C].

    Raises:
        ClassCountError: rows have more or fewer than C scores.
        ViewsError: a video has no view, or a view is of no video.
        LocalizationError: other shapes, NaN.
    """
    index, values = np.asarray(videos), np.asarray(scores)
    if index.ndim != 1 or values.ndim != 2 or len(index) != len(values):
        raise ScoreShapeError(
            f"Views name {list(index.shape)} videos and have scores {list(values.shape)}: expected [M] and [M, C]."
        )
    if values.shape[1] != classes:
        raise ClassCountError(f"Views have {values.shape[1]} scores each, but there are {classes} classes.")
    expect_numbers(values)
    if len(index) and not (
        np.issubdtype(index.dtype, np.integer) and 0 <= index.min() <= index.max() < count
    ):
        raise ViewsError(f"Views name videos outside of 0 to {count - 1}.")
    views = np.bincount(index.astype(np.int64), minlength=count)
    if (missing := np.flatnonzero(views == 0)).size:
        raise ViewsError(
            f"{missing.size} of {count} videos have no view, first the one of index {missing[0]}."
        )
    sums = np.zeros((count, classes), dtype=np.float64)
    np.add.at(sums, index, values)
    return np.asarray(sums / views[:, None], dtype=np.float32)

"""The rows of a prediction file against the list: whose they are, and whether they can be averaged."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import DataError
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.cater.errors import ClassCountError, NotNumbersError, ViewsError
from toto_bench.tasks.cater.predictions import Predictions
from toto_bench.tasks.cater.problems import some
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.reader import LISTS, TRAINED_ON, read_list, video_name

_SUM_TOLERANCE = 1e-2
"""Of probabilities: enough for half precision."""


def expect_fitting(path: Path, predictions: Predictions, protocol: CaterProtocol) -> None:
    """Refuse scores that are not one finite number for each cell of the grid.

    Raises:
        ClassCountError, NotNumbersError: they are not.
    """
    for scores in (predictions.scores, *predictions.others.values()):
        _expect_numbers(path, predictions.videos, scores, protocol.grid)


def _expect_numbers(path: Path, videos: Sequence[str], scores: NDArray[Any], side: int) -> None:
    classes = side**2
    if scores.shape[1] != classes:
        sides = {grid**2: grid for grid in LISTS}
        way_out = (
            f"take its lists with `--set grid={sides[scores.shape[1]]}`"
            if scores.shape[1] in sides
            else "write a column for every cell, also for those in which nothing ends"
        )
        raise ClassCountError(
            f"{path} has {scores.shape[1]} scores in each row, but a grid of {side}x{side} has "
            f"{classes} cells: {way_out}."
        )
    if scores.dtype.kind not in "fiu":
        raise NotNumbersError(f"The scores in {path} are {scores.dtype}, expected real numbers.")
    if wrong := [name for name, row in zip(videos, scores, strict=True) if not np.isfinite(row).all()]:
        raise NotNumbersError(
            f"{path} has scores that are NaN or infinite for {len(wrong)} rows: {some(wrong)}. Find out where they "
            "come from; the official code would take NaN for the highest score."
        )


def rows_by_video(
    path: Path, predictions: Predictions, listed: Sequence[str], data: DataReport, protocol: CaterProtocol
) -> dict[str, list[int]]:
    """Listed video to the rows of its views; a file may name videos without folder and suffix.

    Args:
        path: of the file, for messages.
        predictions: its content.
        listed: names in the list.
        data: where other lists are.
        protocol: which list this is.

    Raises:
        DataError: a video is in no list.
        ViewsError: a video has several rows that are no views to be averaged.
    """
    by_stem = {name.rsplit(".", 1)[0]: name for name in listed}
    rows: dict[str, list[int]] = {}
    unknown: dict[str, None] = {}
    for row, written in enumerate(predictions.videos):
        name = by_stem.get(video_name(written).rsplit(".", 1)[0])
        if name is None:
            unknown[written] = None
        else:
            rows.setdefault(name, []).append(row)
    if unknown:
        raise DataError(
            f"{path} names {len(unknown)} videos that {protocol.split}.txt does not list: {some(unknown)}."
            f"{_of_another_list(list(unknown), data, protocol)} Score a file of the listed videos only."
        )
    _expect_views(path, predictions, rows)
    return rows


def _of_another_list(unknown: Sequence[str], data: DataReport, protocol: CaterProtocol) -> str:
    """Whether unknown videos are those that were trained on."""
    try:
        trained = {video.name for video in read_list(data.path, protocol, TRAINED_ON[protocol.split]).videos}
    except DataError:
        return ""
    found = sum(f"{video_name(name).removesuffix('.avi')}.avi" in trained for name in unknown)
    return f" {found} of them are videos of {TRAINED_ON[protocol.split]}." if found else ""


def _expect_views(path: Path, predictions: Predictions, rows: Mapping[str, Sequence[int]]) -> None:
    """Several rows of a video are views of it, each once, and probabilities."""
    several = [name for name, found in rows.items() if len(found) > 1]
    views = predictions.views
    if several and views is None:
        raise ViewsError(
            f"{path} repeats {len(several)} videos: {some(several)}. Where the rows are views to be averaged, number "
            "them: `view` in a CSV, `views` in a npz file."
        )
    if views is None:
        return
    if doubled := [name for name in several if len({views[row] for row in rows[name]}) < len(rows[name])]:
        raise ViewsError(
            f"{path} repeats views of {len(doubled)} videos: {some(doubled)}. Write each view once."
        )
    index = [row for name in several for row in rows[name]]
    every = [predictions.scores[index], *(other[index] for other in predictions.others.values())]
    scores = np.concatenate(every).astype(np.float64)
    wrong = (scores < 0).any(axis=1) | (np.abs(scores.sum(axis=1) - 1) > _SUM_TOLERANCE)
    if wrong.any():
        first = predictions.videos[index[int(wrong.argmax()) % len(index)]]
        raise ViewsError(
            f"{path} has several views of a video whose scores are no probabilities ({int(wrong.sum())} rows, first of "
            f"{first}): what is averaged is the softmax of each view. Write probabilities, or one row of averaged "
            "scores for each video."
        )

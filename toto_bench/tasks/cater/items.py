"""One row per video, and the numbers over them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.results.record import Metric
from toto_bench.tasks.cater.labels import row_and_column
from toto_bench.tasks.cater.metric import TOP, average_views, distances, ranks
from toto_bench.tasks.cater.reader import ListedVideo
from toto_bench.tasks.items import mean_metric


def items_of(
    videos: Sequence[ListedVideo], rows: Sequence[Sequence[int]], scores: NDArray[Any], grid: int
) -> list[dict[str, Any]]:
    """A row for each video that has scores.

    Args:
        videos: N of them.
        rows: for each of them the rows of `scores` that are views of it.
        scores: [M, C].
        grid: cells along each side.

    Returns:
        `video`, `label`; `prediction` (the highest score, the smallest cell among equals, as in L1), `rank` of the true
        cell (1 is first, the largest cell among equals, as in top-1), `row_error` and `column_error` (predicted minus
        true), `l1`, `views`.
    """
    owner = np.repeat(np.arange(len(videos)), [len(found) for found in rows])
    flat = [row for found in rows for row in found]
    mean = average_views(owner, scores[flat], count=len(videos), classes=grid * grid)
    labels = np.array([video.label for video in videos], dtype=np.int64)
    rank, off, best = ranks(labels, mean), distances(labels, mean), np.argmax(mean, axis=1)
    return [
        _item(video, int(best[index]), grid)
        | {"rank": int(rank[index]), "l1": int(off[index]), "views": len(rows[index])}
        for index, video in enumerate(videos)
    ]


def _item(video: ListedVideo, prediction: int, grid: int) -> dict[str, Any]:
    true, found = row_and_column(video.label, grid), row_and_column(prediction, grid)
    return {
        "video": video.name,
        "label": video.label,
        "prediction": prediction,
        "row_error": found.row - true.row,
        "column_error": found.column - true.column,
    }


def wrong_item(video: ListedVideo, grid: int) -> dict[str, Any]:
    """A corrupt video that counts as an error: the last rank, as far away as its cell allows."""
    row, column = row_and_column(video.label, grid)
    off = max(row, grid - 1 - row) + max(column, grid - 1 - column)
    return {
        "video": video.name,
        "label": video.label,
        "prediction": None,
        "row_error": None,
        "column_error": None,
        "rank": grid * grid + 1,
        "l1": off,
        "views": 0,
    }


def metrics_of(items: Sequence[Mapping[str, Any]], *, seed: int) -> dict[str, Metric]:
    """Top-1, top-5 and L1 over items, the video being what is drawn."""
    values = {
        "top1": [float(item["rank"] <= 1) for item in items],
        "top5": [float(item["rank"] <= TOP) for item in items],
        "l1": [float(item["l1"]) for item in items],
    }
    return {name: mean_metric(column, unit="videos", seed=seed) for name, column in values.items()}


def distance_curve(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How many videos are how many cells off."""
    off = [int(item["l1"]) for item in items]
    return [{"l1": distance, "videos": off.count(distance)} for distance in range(max(off) + 1)]

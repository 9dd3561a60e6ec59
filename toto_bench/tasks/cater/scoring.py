"""Scoring a prediction file, anyone's or a run's own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from toto_bench.errors import DataError
from toto_bench.results.record import Metric
from toto_bench.tasks.base import DataReport, Outcome
from toto_bench.tasks.cater.items import distance_curve, items_of, metrics_of, wrong_item
from toto_bench.tasks.cater.matching import expect_fitting, rows_by_video
from toto_bench.tasks.cater.predictions import Predictions, read_predictions
from toto_bench.tasks.cater.problems import file_problem, is_corrupt, is_of_file, some
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.reader import ListedVideo, read_list
from toto_bench.tasks.items import PROBLEM, coverage_of, usable


def score_predictions(
    path: Path,
    data: DataReport,
    protocol: CaterProtocol,
    *,
    seed: int = 0,
    limit: int | None = None,
    allow_missing: bool = False,
) -> Outcome:
    """Score a prediction file against the list of the protocol.

    The videos themselves are not needed: whatever has scores and a clear cell is scored. A video without scores whose
    file is corrupt is left out, or counted as an error, as `corrupt` says.

    Args:
        path: a file that `read_predictions` reads.
        data: what `check` found.
        protocol: grid, list, and what becomes of corrupt videos.
        seed: of the intervals.
        limit: only the first videos of the list.
        allow_missing: leave out videos without scores, and those whose cell is not clear.

    Returns:
        Metrics `top1`, `top5`, `l1` with intervals over videos, and an item for each video.

    Raises:
        RequestError: there is no such file.
        DataError: it is damaged; it lacks videos, repeats some or names unknown ones; or its scores do not fit.
    """
    videos = {video.name: video for video in read_list(data.path, protocol, protocol.split).videos}
    predictions = read_predictions(path)
    expect_fitting(path, predictions, protocol)
    rows = rows_by_video(path, predictions, list(videos), data, protocol)
    names = _to_score(data, limit, allow_missing=allow_missing)
    absent = {name: _why_absent(path, videos[name], data) for name in names if name not in rows}
    missing = [name for name, reason in absent.items() if not is_corrupt(reason)]
    if missing and not allow_missing:
        raise DataError(
            f"{path} has no scores for {len(missing)} of {len(names)} listed videos: {some(missing)}. Predict them "
            "too, or score what is there with `--allow-missing`: coverage is then shown beside every number."
        )
    counted_wrong = [name for name in absent if name not in missing] if protocol.corrupt == "wrong" else []
    scored = [videos[name] for name in names if name in rows]
    if not scored:
        raise DataError(f"{path} has scores for none of the {len(names)} listed videos that can be scored.")
    wrong = [wrong_item(videos[name], protocol.grid) for name in counted_wrong]
    order = {name: place for place, name in enumerate(data.listed)}

    def rows_of(scores: NDArray[Any]) -> list[dict[str, Any]]:
        found = items_of(scored, [rows[video.name] for video in scored], scores, protocol.grid)
        return sorted([*found, *wrong], key=lambda item: order[item["video"]])

    items = rows_of(predictions.scores)
    metrics = _chosen(metrics_of(items, seed=seed), "", predictions)
    for name, scores in predictions.others.items():
        metrics |= _chosen(metrics_of(rows_of(scores), seed=seed), name, predictions)
    done: dict[str, dict[str, str]] = {item["video"]: {} for item in items}
    done |= {name: {PROBLEM: reason} for name, reason in absent.items() if name not in counted_wrong}
    return Outcome(
        metrics=metrics,
        items=items,
        coverage=coverage_of(data, done),
        curves={"distances": distance_curve(items)},
        warnings=tuple(_warnings(rows, counted_wrong, names)),
    )


def _chosen(metrics: Mapping[str, Metric], name: str, predictions: Predictions) -> dict[str, Metric]:
    """Metrics of a choice of a probe, under its name, with how it was made."""
    update = {"selection": predictions.selections.get(name)}
    suffix = f"@{name}" if name else ""
    return {f"{metric}{suffix}": value.model_copy(update=update) for metric, value in metrics.items()}


def _to_score(data: DataReport, limit: int | None, *, allow_missing: bool) -> list[str]:
    """Listed videos whose cell is clear; the state of their files does not matter.

    Raises:
        DataError: the cells of some are not, and that was not allowed.
    """
    of_labels = {name: problem for name, problem in data.problems.items() if not is_of_file(problem)}
    return usable(replace(data, problems=of_labels), limit, allow_missing=allow_missing, what="videos")


def _why_absent(path: Path, video: ListedVideo, data: DataReport) -> str:
    """Why a video has no scores: its file is damaged, perhaps deep inside, or it was not predicted."""
    known = data.problems.get(video.name) or file_problem(video, thorough=True)
    return known if known and is_corrupt(known) else f"no scores in {path.name}"


def _warnings(
    rows: Mapping[str, Sequence[int]], counted_wrong: Sequence[str], names: Sequence[str]
) -> list[str]:
    found = []
    counts = sorted({len(views) for views in rows.values()})
    if len(counts) > 1:
        found.append(f"videos have {counts[0]} to {counts[-1]} views; each is divided by its own number")
    if counted_wrong:
        found.append(f"{len(counted_wrong)} of {len(names)} videos are corrupt and counted as errors")
    return found

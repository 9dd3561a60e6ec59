"""Scoring a submission, anyone's or a run's own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from toto_bench.results.record import Metric
from toto_bench.results.statistics import FEWEST_UNITS, describe_bootstrap
from toto_bench.tasks.base import DataReport, Outcome
from toto_bench.tasks.ego4d_sta.annotations import AnnotationFile, read_annotations
from toto_bench.tasks.ego4d_sta.columns import reorder_images
from toto_bench.tasks.ego4d_sta.errors import NoPredictionsError, NoTruthError
from toto_bench.tasks.ego4d_sta.expectations import expect_categories, expect_inside
from toto_bench.tasks.ego4d_sta.metric import AVERAGED, KINDS, Evaluation, evaluate
from toto_bench.tasks.ego4d_sta.metric.evaluate import Treatment
from toto_bench.tasks.ego4d_sta.metric.interval import RESAMPLES, intervals
from toto_bench.tasks.ego4d_sta.metric.kinds import UNAVERAGED
from toto_bench.tasks.ego4d_sta.places import find_annotations
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol
from toto_bench.tasks.ego4d_sta.submission import read_submission
from toto_bench.tasks.items import PROBLEM, coverage_of

OTHER: dict[Treatment, Treatment] = {"official": "count", "count": "official"}
"""The treatment of images without predictions that the protocol does not name: shown beside it."""

_NOT_DEFINED = Metric(value=None, n=0, method="not defined: no image has a prediction, and only such count")
_NO_INTERVAL = "no interval: drawn for the four averaged numbers only"


def score_submission(
    path: Path,
    data: DataReport,
    protocol: EgoStaProtocol,
    *,
    seed: int = 0,
    limit: int | None = None,
    allow_missing: bool = False,
    undefined: bool = False,
    selection: str | None = None,
) -> Outcome:
    """Score a submission against the annotations of the protocol's split; frames are not needed.

    Args:
        path: a file that `read_submission` reads.
        data: what `check` found.
        protocol: which annotations, and the numbers of the metric.
        seed: of the intervals.
        limit: only the first annotations.
        allow_missing: leave out annotated images that the submission does not have.
        undefined: where no image has a prediction and only such count, numbers are None instead of an error.
        selection: how the predictions were chosen among others, for the record.

    Returns:
        The four averaged numbers with intervals over videos, as the protocol treats images without predictions
        (`noun`), and as it does not (`noun@count`); the eight others without intervals; an item for each image.

    Raises:
        RequestError: there is no such file.
        DataError: it cannot be scored; one subclass per cause.
    """
    file = read_annotations(find_annotations(data.path, protocol.annotations, protocol.split))
    if not file.annotated:
        raise NoTruthError(
            f"{file.path} has no objects, so nothing can be scored: the truth of the test set is not public. Choose "
            "another split with `--set split=val`, or send the submission to the challenge."
        )
    uids = data.listed[:limit]
    submission = read_submission(path, uids, allow_missing=allow_missing)
    predictions = submission.predictions
    places = {annotation.uid: place for place, annotation in enumerate(file.annotations)}
    chosen = [places[uid] for uid in predictions.uids]
    expect_categories(predictions, file.nouns, file.verbs, str(path))
    warnings = expect_inside(predictions, file.sizes[chosen], str(path))
    evaluation = evaluate(
        reorder_images(file.labels, predictions.uids),
        predictions,
        kinds=KINDS,
        top_k=protocol.top_k,
        iou_threshold=protocol.iou_threshold,
        ttc_tolerance=protocol.ttc_tolerance,
    )
    videos = [file.annotations[place].video for place in chosen]
    metrics = {
        name: metric.model_copy(update={"selection": selection})
        for name, metric in _metrics(
            evaluation, videos, protocol.empty_images, seed, undefined=undefined
        ).items()
    }
    done: dict[str, dict[str, str]] = {uid: {} for uid in predictions.uids}
    done |= {uid: {PROBLEM: f"not in {path.name}"} for uid in submission.missing}
    return Outcome(
        metrics=metrics,
        items=_items(evaluation, file, chosen),
        coverage=coverage_of(replace(data, problems={}), done),
        warnings=(*data.warnings, *warnings, *_remarks(evaluation, metrics, protocol.empty_images)),
    )


def _metrics(
    evaluation: Evaluation, videos: Sequence[str], main: Treatment, seed: int, *, undefined: bool
) -> dict[str, Metric]:
    """All numbers of the protocol's treatment, then the averaged ones of the other."""
    _, units = np.unique(np.array(videos), return_inverse=True)
    found: dict[str, Metric] = {}
    for treatment in (main, OTHER[main]):
        suffix = "" if treatment == main else f"@{treatment}"
        try:
            values = evaluation.values(treatment)
            ranges = intervals(evaluation, units, treatment, seed=seed)
        except NoPredictionsError:
            if treatment == main and not undefined:
                raise
            kinds = (*AVERAGED, *UNAVERAGED) if treatment == main else AVERAGED
            found |= {f"{kind.name}{suffix}": _NOT_DEFINED for kind in kinds}
            continue
        images = int(evaluation.counted(treatment).sum())
        for kind in AVERAGED:
            low, high = ranges[kind.name]
            known = not np.isnan(low)
            found[f"{kind.name}{suffix}"] = Metric(
                value=values[kind.name],
                low=low if known else None,
                high=high if known else None,
                n=images,
                method=describe_bootstrap("videos", RESAMPLES)
                if known
                else f"no interval: fewer than {FEWEST_UNITS} videos",
            )
        if treatment == main:
            averaged = {kind.name for kind in AVERAGED}
            found |= {
                name: Metric(value=value, n=images, method=_NO_INTERVAL)
                for name, value in values.items()
                if name not in averaged
            }
    return found


def _items(evaluation: Evaluation, file: AnnotationFile, chosen: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each image: how many objects and predictions it has, and how many objects were found."""
    images = evaluation.predictions.images
    count = len(evaluation.labels.counts)
    hits = {
        kind.name: np.bincount(images[evaluation.taken[kind.needs] >= 0], minlength=count).tolist()
        for kind in AVERAGED
    }
    objects, predictions = (o.counts.tolist() for o in (evaluation.labels, evaluation.predictions))
    return [
        {
            "uid": file.annotations[place].uid,
            "video": file.annotations[place].video,
            "objects": objects[row],
            "predictions": predictions[row],
            **{f"found_{name}": values[row] for name, values in hits.items()},
        }
        for row, place in enumerate(chosen)
    ]


def _remarks(evaluation: Evaluation, metrics: Mapping[str, Metric], main: Treatment) -> list[str]:
    """Both treatments side by side, and what the official command line would not have taken."""
    empty = int((evaluation.predictions.counts == 0).sum())
    texts = {}
    for treatment in (main, OTHER[main]):
        suffix = "" if treatment == main else f"@{treatment}"
        values = [metrics[f"{kind.name}{suffix}"].value for kind in AVERAGED]
        texts[treatment] = " / ".join("–" if value is None else f"{100 * value:.2f}" for value in values)
    remarks = [
        f"{empty:,} of {len(evaluation.labels.counts):,} images have no predictions. Left out, as the official command "
        f"line does: {texts['official']} (N / N+V / N+TTC / All); counted, as validation loops do: {texts['count']}"
    ]
    bare = int((evaluation.labels.counts == 0).sum())
    if bare:
        remarks.append(
            f"{bare:,} images have no annotated object: all their predictions are false; the official command line "
            "fails there"
        )
    return remarks

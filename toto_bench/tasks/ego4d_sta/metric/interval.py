"""Intervals of the mean average precisions: the bootstrap over videos.

Images are matched one by one, so a resample changes no match, only how often each image counts. With whole numbers as
weights of the videos, precision is known at every true positive, and matrix products do all resamples at once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.results.statistics import FEWEST_UNITS, Interval
from toto_bench.tasks.ego4d_sta.columns import Floats, Integers
from toto_bench.tasks.ego4d_sta.metric.evaluate import Evaluation, Treatment
from toto_bench.tasks.ego4d_sta.metric.kinds import AVERAGED, Kind

RESAMPLES = 1000
"""Draws of videos."""

_Weights = NDArray[np.float32]


class _Draws(NamedTuple):
    """What was drawn."""

    units: Integers
    """Unit of each image, [N]."""
    weights: _Weights
    """How often each unit was drawn, [U, R]."""
    nouns: Integers
    """Noun of each annotated object that counts, [K]."""
    owners: Integers
    """Unit of each such object, [K]."""


class _Class(NamedTuple):
    """Predictions of one class up to its last true positive."""

    counts: _Weights
    """How many were seen between two true positives, of each unit, [H, U]."""
    units: Integers
    """Of the true positives, [H]."""


def intervals(
    evaluation: Evaluation,
    units: Integers,
    treatment: Treatment,
    *,
    kinds: Sequence[Kind] = AVERAGED,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, Interval]:
    """95 % percentile interval of every number, drawing whole units with replacement.

    Args:
        evaluation: of the numbers.
        units: label of the unit, the video, of each image, [N].
        treatment: of images without predictions.
        kinds: of the evaluation's numbers those that get an interval.
        seed: of the draws.
        resamples: number of draws.

    Returns:
        NaN where fewer than 5 units count.

    Raises:
        SubmissionError: nothing counts.
    """
    keep = evaluation.counted(treatment)
    codes = np.zeros(len(units), dtype=np.int64)
    names, codes[keep] = np.unique(units[keep], return_inverse=True)
    if len(names) < FEWEST_UNITS:
        return {kind.name: Interval(float("nan"), float("nan")) for kind in kinds}
    drawn = np.random.default_rng(seed).multinomial(
        len(names), np.full(len(names), 1 / len(names)), resamples
    )
    labels = evaluation.labels
    counted = keep[labels.images]
    draws = _Draws(codes, drawn.T.astype(np.float32), labels.nouns[counted], codes[labels.images[counted]])
    found = {}
    for kind in kinds:
        low, high = np.quantile(_resampled(evaluation, kind, draws), [0.025, 0.975])
        found[kind.name] = Interval(float(low), float(high))
    return found


def _resampled(evaluation: Evaluation, kind: Kind, draws: _Draws) -> Floats:
    """One number for each resample, [R]."""
    ranked = evaluation.order.by_noun if kind.averaged else evaluation.order.ranked
    ranked = ranked[~evaluation.ignored[kind.needs][ranked]]
    classes, nouns = evaluation.predictions.nouns[ranked], draws.nouns
    if not kind.averaged:
        classes, nouns = np.zeros_like(classes), np.zeros_like(nouns)
    hits = evaluation.taken[kind.needs][ranked] >= 0
    units = draws.units[evaluation.predictions.images[ranked]]
    total, there = np.zeros(draws.weights.shape[1]), np.zeros(draws.weights.shape[1])
    for noun in np.unique(nouns):
        objects = draws.weights[draws.owners[nouns == noun]].sum(axis=0, dtype=np.float64)
        part = slice(*np.searchsorted(classes, [noun, noun + 1]))
        total += _areas(_gather(hits[part], units[part], len(draws.weights)), draws.weights, objects)
        there += objects > 0
    return np.asarray(total / there)


def _gather(hits: NDArray[np.bool_], units: Integers, count: int) -> _Class:
    """What a class needs of its ranked predictions."""
    places = np.flatnonzero(hits)
    last = places[-1] + 1 if len(places) else 0
    segment = np.asarray(np.cumsum(hits) - hits, dtype=np.int64)[:last]
    counts = np.bincount(segment * count + units[:last], minlength=len(places) * count)
    return _Class(counts.reshape(len(places), count).astype(np.float32), units[places])


def _areas(found: _Class, weights: _Weights, objects: Floats) -> Floats:
    """Area under the envelope of a class in each resample, [R]; 0 where it has no objects."""
    if not len(found.units):
        return np.zeros(weights.shape[1])
    own = weights[found.units]
    seen = np.cumsum(found.counts @ weights, axis=0, dtype=np.float64)
    precision = np.cumsum(own, axis=0, dtype=np.float64) / np.maximum(seen, 1)
    envelope = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    return np.asarray((own * envelope).sum(axis=0) / np.maximum(objects, 1))

"""Accuracy, over all items and of each class; pairs that are confused; calibration."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.probing.judged import Judged

BINS = 15
"""Of the calibration error (Guo et al. 2017, arXiv 1706.04599)."""


def hits(judged: Judged, k: int = 1) -> NDArray[np.float64]:
    """1.0 where the label is among the k highest scores, else 0.0; equal scores rank by lower class."""
    return (judged.rank < k).astype(np.float64)


def top_k(judged: Judged, k: int = 1) -> NDArray[np.float64]:
    """Share of items whose label is among the k highest scores: of each probe, or a scalar array of one."""
    return np.asarray(hits(judged, k).mean(-1))


def class_accuracy(judged: Judged, labels: NDArray[np.integer], classes: int) -> NDArray[np.float64]:
    """Top-1 of the items of each class, [classes]; NaN of a class without items. One probe."""
    counts = np.bincount(labels, minlength=classes)
    correct = np.bincount(labels, weights=hits(judged), minlength=classes)
    with np.errstate(invalid="ignore"):
        return correct / counts


class Confusion(NamedTuple):
    """A class that is taken for another."""

    label: int
    """What it is."""
    predicted: int
    """What it was taken for."""
    items: int
    """How often."""
    share: float
    """Of the items of that class."""


def confusions(judged: Judged, labels: NDArray[np.integer], most: int = 20) -> list[Confusion]:
    """The most frequent errors, by falling count, then by class; items without a prediction are none. One probe."""
    wrong = (judged.predicted != labels) & (judged.predicted >= 0)
    pairs, counts = np.unique(
        np.stack([labels[wrong], judged.predicted[wrong]], 1), axis=0, return_counts=True
    )
    sizes = np.bincount(labels)
    order = np.argsort(-counts, kind="stable")[:most]
    return [
        Confusion(int(label), int(taken), int(count), float(count / sizes[label]))
        for (label, taken), count in zip(pairs[order], counts[order], strict=True)
    ]


class Bin(NamedTuple):
    """Predictions of like confidence."""

    low: float
    """Confidence above this (the first bin holds 0 too)."""
    high: float
    """At most this."""
    items: int
    """In it."""
    confidence: float
    """Mean; NaN of none."""
    accuracy: float
    """Share that are right; NaN of none."""


def reliability(judged: Judged, bins: int = BINS) -> list[Bin]:
    """Confidence and accuracy in bins of equal width. One probe."""
    place = np.clip(np.ceil(judged.confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        sure = np.bincount(place, weights=judged.confidence, minlength=bins) / counts
        right = np.bincount(place, weights=hits(judged), minlength=bins) / counts
    return [
        Bin(i / bins, (i + 1) / bins, int(counts[i]), float(sure[i]), float(right[i])) for i in range(bins)
    ]


def calibration_error(judged: Judged, bins: int = BINS) -> float:
    """Expected calibration error: mean distance of confidence and accuracy of the bins, weighted by their items.

    NaN for a probe that diverged.
    """
    if np.isnan(judged.confidence).any():
        return float("nan")
    filled = [part for part in reliability(judged, bins) if part.items]
    total = sum(part.items for part in filled)
    return sum(abs(part.confidence - part.accuracy) * part.items for part in filled) / total


def mean_over_classes(values: Sequence[float] | NDArray[np.float64]) -> float:
    """Mean of the classes that have items."""
    return float(np.nanmean(np.asarray(values, np.float64)))

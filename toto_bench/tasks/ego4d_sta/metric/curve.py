"""Precision where a true positive is found, and the area under its envelope."""

from typing import NamedTuple

import numpy as np

from toto_bench.tasks.ego4d_sta.columns import Flags, Floats, Integers


class Curve(NamedTuple):
    """The precision-recall curves of all classes at their true positives; nothing else changes the area."""

    classes: Integers
    """Class of each true positive, ascending, [H]."""
    nth: Integers
    """How many of its class were found up to it, [H]."""
    seen: Integers
    """How many predictions of its class were seen up to it, ignored ones apart, [H]."""


def draw_curve(classes: Integers, hits: Flags, kept: Flags) -> Curve:
    """Curves of ranked predictions.

    Args:
        classes: of the predictions, equal ones together and ascending, each class by its ranks, [M].
        hits: true positives, [M].
        kept: those that are not ignored, [M].
    """
    places = np.flatnonzero(hits)
    found = classes[places]
    before = np.concatenate(([0], np.cumsum(kept)))
    seen = before[places + 1] - before[np.searchsorted(classes, found)]
    nth = np.arange(1, len(found) + 1) - np.searchsorted(found, found)
    return Curve(found, nth, seen)


def average_precisions(curve: Curve, classes: Integers, objects: Integers) -> Floats:
    """The area under the monotone envelope of each class, all points, as in VOC from 2010 on.

    Args:
        curve: of all classes.
        classes: those that count, [C].
        objects: annotated objects of each, at least one, [C].

    Returns:
        Fractions, [C].
    """
    starts, ends = (np.searchsorted(curve.classes, classes, side=side) for side in ("left", "right"))
    return np.array(
        [
            _area(curve.nth[start:end], curve.seen[start:end], int(count))
            for start, end, count in zip(starts, ends, objects, strict=True)
        ],
        dtype=np.float64,
    )


def _area(nth: Integers, seen: Integers, objects: int) -> float:
    envelope = np.maximum.accumulate((nth / seen)[::-1])[::-1]
    return float(np.sum((nth / objects - (nth - 1) / objects) * envelope))

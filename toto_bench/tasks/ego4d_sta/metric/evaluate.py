"""From objects in arrays to all numbers, for both treatments of images without predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from toto_bench.errors import RequestError
from toto_bench.tasks.ego4d_sta.columns import Flags, Integers, Objects, Predictions
from toto_bench.tasks.ego4d_sta.errors import NoPredictionsError, NoTruthError
from toto_bench.tasks.ego4d_sta.metric.curve import Curve, average_precisions, draw_curve
from toto_bench.tasks.ego4d_sta.metric.kinds import AVERAGED, Kind
from toto_bench.tasks.ego4d_sta.metric.matching import Pairs, find_pairs, match
from toto_bench.tasks.ego4d_sta.metric.ordering import Order, order_predictions

Treatment = Literal["official", "count"]
"""Of images without predictions: `official` leaves their objects out, `count` keeps them."""
Needs = tuple[bool, bool, bool]
TOP_K, IOU_THRESHOLD, TTC_TOLERANCE = 5, 0.5, 0.25
"""Of the official code."""


@dataclass(frozen=True)
class Evaluation:
    """What was matched and ignored; `values` makes numbers of it."""

    labels: Objects
    """Annotated objects."""
    predictions: Predictions
    """Of the same images."""
    kinds: tuple[Kind, ...]
    """Numbers that can be asked for."""
    order: Order
    """Of the predictions."""
    taken: dict[Needs, Integers]
    """Row of the annotated object that each prediction takes, -1 = none, [M]."""
    ignored: dict[Needs, Flags]
    """False positives that the top-k rule takes away, [M]."""

    def counted(self, treatment: Treatment) -> Flags:
        """Images whose objects count, [N].

        Raises:
            NoPredictionsError: none has a prediction, and only such count.
            NoTruthError: none that counts has an object.
        """
        keep = np.ones(len(self.labels.counts), dtype=np.bool_)
        if treatment == "official":
            keep = self.predictions.counts > 0
            if not keep.any():
                raise NoPredictionsError(
                    f"None of the {len(keep)} images has a prediction, so nothing counts: the official code fails "
                    "there. With `count` (`--set empty_images=count`) such images count, and every number is 0."
                )
        if not self.labels.counts[keep].any():
            raise NoTruthError("No image that counts has an annotated object, so there is nothing to find.")
        return keep

    @cached_property
    def ranked_nouns(self) -> Integers:
        """Nouns of the predictions in the order `by_noun`, [M]."""
        return self.predictions.nouns[self.order.by_noun]

    def curve(self, kind: Kind) -> Curve:
        """Precision at every true positive of a kind."""
        ranked = self.order.by_noun if kind.averaged else self.order.ranked
        classes = self.ranked_nouns if kind.averaged else np.zeros(len(ranked), dtype=np.int64)
        return draw_curve(classes, self.taken[kind.needs][ranked] >= 0, ~self.ignored[kind.needs][ranked])

    def values(self, treatment: Treatment, *, count_all_classes: bool = False) -> dict[str, float]:
        """Every kind as a fraction.

        Args:
            treatment: of images without predictions.
            count_all_classes: nouns that are only predicted add a 0 to the mean; the official default is not.

        Raises:
            SubmissionError: nothing counts.
        """
        nouns = self.labels.nouns[np.repeat(self.counted(treatment), self.labels.counts)]
        classes, objects = np.unique(nouns, return_counts=True)
        found = {}
        for kind in self.kinds:
            curve = self.curve(kind)
            if not kind.averaged:
                found[kind.name] = float(
                    average_precisions(curve, np.zeros(1, np.int64), objects.sum()[None])[0]
                )
                continue
            areas = average_precisions(curve, classes, objects)
            extra = len(self._only_predicted(kind, classes)) if count_all_classes else 0
            found[kind.name] = float(areas.sum() / (len(classes) + extra))
        return found

    def _only_predicted(self, kind: Kind, classes: Integers) -> Integers:
        """Nouns that no object has, of predictions that are not ignored."""
        return np.setdiff1d(self.predictions.nouns[~self.ignored[kind.needs]], classes)


def evaluate(
    labels: Objects,
    predictions: Predictions,
    *,
    kinds: Sequence[Kind] = AVERAGED,
    top_k: int | None = TOP_K,
    iou_threshold: float = IOU_THRESHOLD,
    ttc_tolerance: float = TTC_TOLERANCE,
) -> Evaluation:
    """Match predictions to annotated objects, and ignore false positives as the top-k rule says.

    Up to (k - 1) x (objects of the image) false positives of the highest scores are ignored, per image and kind and
    whatever their nouns; nothing is cut to k. Kinds with equal needs are matched once.

    Args:
        labels: annotated objects; an image may have none.
        predictions: of the same images in the same order.
        kinds: numbers that will be asked for.
        top_k: k of the rule; None and 1 ignore nothing.
        iou_threshold: boxes match strictly above it.
        ttc_tolerance: in seconds, inclusive, compared as binary floats.

    Raises:
        RequestError: top_k is below 1.
    """
    if top_k is not None and top_k < 1:
        raise RequestError(
            f"top_k is {top_k}: give a whole number from 1 on, or None for plain mean average precision."
        )
    budget = (0 if top_k is None else top_k - 1) * labels.counts
    order = order_predictions(predictions, budget > 0)
    pairs = find_pairs(labels, predictions, order.turns, iou_threshold)
    needs = list(dict.fromkeys(kind.needs for kind in kinds))
    taken = {
        need: match(pairs, _fitting(pairs, labels, predictions, need, ttc_tolerance), len(predictions))
        for need in needs
    }
    return Evaluation(
        labels=labels,
        predictions=predictions,
        kinds=tuple(kinds),
        order=order,
        taken=taken,
        ignored={need: _ignored(predictions, order.turns, taken[need], budget) for need in needs},
    )


def _fitting(
    pairs: Pairs, labels: Objects, predictions: Predictions, needs: Needs, tolerance: float
) -> Flags:
    """Pairs whose noun, verb and time are right, as far as they are needed."""
    noun, verb, ttc = needs
    fits = np.ones(len(pairs.labels), dtype=np.bool_)
    if noun:
        fits &= predictions.nouns[pairs.predictions] == labels.nouns[pairs.labels]
    if verb:
        fits &= predictions.verbs[pairs.predictions] == labels.verbs[pairs.labels]
    if ttc:
        fits &= np.abs(predictions.ttcs[pairs.predictions] - labels.ttcs[pairs.labels]) <= tolerance
    return fits


def _ignored(predictions: Predictions, order: Integers, taken: Integers, budget: Integers) -> Flags:
    """The first false positives of each image, as many as its budget [N] says."""
    false = taken[order] < 0
    before = np.concatenate(([0], np.cumsum(false)))
    images = predictions.images[order]
    nth = before[1:] - before[predictions.starts[images]]
    found = np.zeros(len(order), dtype=np.bool_)
    found[order] = false & (nth <= budget[images])
    return found

"""Top-5 mAP of short-term anticipation, one image and one prediction at a time: slow, short, easy to check by eye.

Written to the same rules as `toto_bench.tasks.ego4d_sta.metric` and shared by its tests and its benchmark. It does the
steps of the official evaluation (EGO4D/forecasting, commit 38d1931b, `sta_metrics.py`) with stable sorts, and takes
what JSON holds, as the official command line does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Need = tuple[bool, bool, bool]
NEEDS: tuple[Need, ...] = (
    (True, False, False),
    (True, True, False),
    (True, False, True),
    (True, True, True),
)
"""Noun, verb and time to contact of: noun, noun_verb, noun_ttc, overall."""


class Reference:
    """What was added so far."""

    def __init__(self, needs: Sequence[Need] = NEEDS, top_k: int | None = 5) -> None:
        self.needs, self.top_k = needs, top_k
        self.hits: list[Array] = []
        self.scores: list[Array] = []
        self.nouns: list[Array] = []
        self.true_nouns: list[Array] = []

    def add(
        self, predictions: list[dict[str, Any]], objects: list[dict[str, Any]], *, count: bool = False
    ) -> Array:
        """Match the predictions of an image; `count` keeps its objects although there are none.

        Returns:
            Number of the object taken, -1 = none: [predictions by falling score, needs].
        """
        true = {name: np.array([row[name] for row in objects]) for name in OBJECT}
        if not predictions and not count:
            return np.zeros((0, len(self.needs)))
        if objects:
            self.true_nouns.append(true["noun_category_id"])
        if not predictions:
            return np.zeros((0, len(self.needs)))
        found = {name: np.array([row[name] for row in predictions]) for name in (*OBJECT, "score")}
        order = found["score"].argsort(kind="stable")[::-1]
        taken = np.full((len(predictions), len(self.needs)), -1)
        if objects:
            self._match(found, true, order, taken)
        hits = (taken >= 0).astype(np.float64)
        if objects and self.top_k is not None and self.top_k > 1:
            hits = hits[order]
            false = 1 - hits
            hits[(false == 1) & (false.cumsum(0) <= (self.top_k - 1) * len(objects))] = np.nan
            found = {name: values[order] for name, values in found.items()}
        self.hits.append(hits)
        self.scores.append(found["score"])
        self.nouns.append(found["noun_category_id"])
        return taken[order]

    def _match(self, found: dict[str, Array], true: dict[str, Array], order: Array, taken: Array) -> None:
        free = np.ones((len(true["box"]), len(self.needs)), dtype=np.bool_)
        for row in order:
            overlap = overlaps(found["box"][row], true["box"])
            nouns = true["noun_category_id"] == found["noun_category_id"][row]
            verbs = true["verb_category_id"] == found["verb_category_id"][row]
            times = np.abs(true["time_to_contact"] - found["time_to_contact"][row]) <= 0.25
            for kind, (noun, verb, time) in enumerate(self.needs):
                fits = (overlap > 0.5) & free[:, kind]
                if noun:
                    fits = fits & nouns
                if verb:
                    fits = fits & verbs
                if time:
                    fits = fits & times
                if fits.any():
                    best = int(np.where(fits, overlap, -1).argmax())
                    taken[row, kind] = best
                    free[best, kind] = False

    def values(self, *, by_noun: bool = True, count_all_classes: bool = False) -> list[float]:
        """One number for each of the needs, fractions."""
        true, nouns = np.concatenate(self.true_nouns), np.concatenate(self.nouns or [np.zeros(0)])
        hits = np.concatenate(self.hits or [np.zeros((0, len(self.needs)))])
        scores = np.concatenate(self.scores or [np.zeros(0)])
        if not by_noun:
            true, nouns = np.zeros_like(true), np.zeros_like(nouns)
        classes = np.unique(np.concatenate([true, nouns]) if count_all_classes else true)
        means = []
        for kind in range(len(self.needs)):
            areas = []
            for noun in classes:
                own = (nouns == noun) & ~np.isnan(hits[:, kind])
                objects = int((true == noun).sum())
                if own.any() or objects:
                    areas.append(area(hits[own, kind], scores[own], objects))
            means.append(float(np.mean(areas)))
        return means


OBJECT = ("box", "noun_category_id", "verb_category_id", "time_to_contact")


def reference_scores(
    annotations: Mapping[str, Any],
    results: Mapping[str, Any],
    *,
    count: bool = False,
    top_k: int | None = 5,
    needs: Sequence[Need] = NEEDS,
    by_noun: bool = True,
    count_all_classes: bool = False,
) -> list[float]:
    """The numbers of a submission; `count` keeps the objects of images without predictions."""
    reference = Reference(needs, top_k)
    for entry in annotations["annotations"]:
        reference.add(results["results"][entry["uid"]], entry["objects"], count=count)
    return reference.values(by_noun=by_noun, count_all_classes=count_all_classes)


def overlaps(box: Array, boxes: Array) -> Array:
    """Intersection over union of a box with others, the last pixel counting."""
    width = np.clip(np.minimum(box[2], boxes[:, 2]) - np.maximum(box[0], boxes[:, 0]) + 1, 0, None)
    height = np.clip(np.minimum(box[3], boxes[:, 3]) - np.maximum(box[1], boxes[:, 1]) + 1, 0, None)
    shared: Array = width * height
    union = size(box[None])[0] + size(boxes) - shared
    return np.asarray(shared / (union + 1e-11))


def size(boxes: Array) -> Array:
    """Pixels of boxes."""
    sides = np.clip(boxes[:, 2:] - boxes[:, :2] + 1, 0, None)
    return np.asarray(sides[:, 0] * sides[:, 1])


def area(hits: Array, scores: Array, objects: int) -> float:
    """Area under the monotone envelope of a class."""
    if not objects or not len(hits):
        return 0.0
    ranked = hits[scores.argsort(kind="stable")[::-1]]
    found = ranked.cumsum()
    precision = found / np.arange(1, len(ranked) + 1)
    recall = found / objects
    total, envelope, before = 0.0, np.maximum.accumulate(precision[::-1])[::-1], 0.0
    for place in np.flatnonzero(ranked):
        total += (recall[place] - before) * envelope[place]
        before = recall[place]
    return float(total)

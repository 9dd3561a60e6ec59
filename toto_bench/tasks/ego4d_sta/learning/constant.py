"""Chance: what can be predicted without looking at a picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from toto_bench.tasks.ego4d_sta.annotations import AnnotationFile
from toto_bench.tasks.ego4d_sta.columns import Floats, Predictions
from toto_bench.tasks.ego4d_sta.learning.examples import Example, on_frame

MOST = 2000
"""Training boxes that are compared with each other, spread evenly."""


def predict_constant(train: Sequence[Example], val: Sequence[Example], file: AnnotationFile) -> Predictions:
    """The same for every image: each noun of the training set, by its frequency, at one box.

    The box is the training box that would match most others, as a share of the frame; the verb is the noun's most
    frequent one, the time the median of the noun's.

    Args:
        train: what is known.
        val: what is predicted.
        file: annotations of it.
    """
    nouns, verbs = (np.concatenate([getattr(e, name) for e in train]) for name in ("nouns", "verbs"))
    ttcs = np.concatenate([example.ttcs for example in train])
    there, counts = np.unique(nouns, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    there, counts = there[order], counts[order]
    usual = [int(np.bincount(verbs[nouns == noun]).argmax()) for noun in there]
    times = [float(np.median(ttcs[nouns == noun])) for noun in there]
    share = _usual_box(np.concatenate([e.boxes / _sides(e) for e in train]))
    sizes = {a.uid: size for a, size in zip(file.annotations, file.sizes.tolist(), strict=True)}
    boxes = [on_frame(share * _sides(example), example.plane, sizes[example.uid]) for example in val]
    noun_ids, verb_ids = (np.array(list(known), dtype=np.int64) for known in (file.nouns, file.verbs))
    repeated = len(val)
    return Predictions(
        tuple(example.uid for example in val),
        counts=np.full(repeated, len(there), dtype=np.int64),
        boxes=np.repeat(np.stack(boxes), len(there), axis=0),
        nouns=np.tile(noun_ids[there], repeated),
        verbs=np.tile(verb_ids[usual], repeated),
        ttcs=np.tile(times, repeated),
        scores=np.tile(counts / counts.sum(), repeated),
    )


def _usual_box(boxes: Floats) -> Floats:
    """The box, of some, that overlaps most others by more than a half."""
    some = boxes[:: max(1, len(boxes) // MOST)]
    hits = np.array([int((_overlaps(box, some) > 0.5).sum()) for box in some])
    return np.asarray(some[int(hits.argmax())])


def _overlaps(box: Floats, others: Floats) -> NDArray[np.float64]:
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    both = np.clip(high - low, 0, None).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    return np.asarray(both / ((box[2:] - box[:2]).prod() + areas - both))


def _sides(example: Example) -> Floats:
    height, width = example.plane
    return np.array([width, height, width, height], dtype=np.float64)

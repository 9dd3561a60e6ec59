"""Which prediction takes which annotated object: greedy from the highest score, all images at once."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from toto_bench.tasks.ego4d_sta.columns import Flags, Floats, Integers, Objects

_BLOCK = 2**18
"""Pairs whose overlap is computed at once, so that memory stays small."""
_EPSILON = 1e-11
"""The official code adds it to the union."""


class Pairs(NamedTuple):
    """Pairs of a prediction and an annotated object of its image that overlap enough.

    In the order in which they are tried: images apart, then the prediction's turn, then the overlap from the largest,
    then the first annotated object.
    """

    images: Integers
    """Number of the image, [P]."""
    predictions: Integers
    """Row of the prediction, [P]."""
    labels: Integers
    """Row of the annotated object, [P]."""


def find_pairs(labels: Objects, predictions: Objects, order: Integers, threshold: float) -> Pairs:
    """All pairs with an overlap strictly above the threshold.

    Args:
        labels: annotated objects of the images.
        predictions: of the same images.
        order: rows of the predictions in the order of their turns, images apart, [M].
        threshold: of the intersection over union.
    """
    images = predictions.images[order]
    counts, starts = labels.counts[images], labels.starts[images]
    true, found = (np.ascontiguousarray(objects.boxes.T) for objects in (labels, predictions))
    parts = []
    for block in _blocks(counts):
        own, objects, overlap = _overlapping(
            true, found[:, order[block]], counts[block], starts[block], threshold
        )
        parts.append((block.start + own, objects, overlap))
    turns, objects, overlap = (np.concatenate(column) for column in zip(*parts, strict=True))
    best_first = np.lexsort((-overlap, turns))  # stable: the first annotated object among equals
    turns, objects = turns[best_first], objects[best_first]
    return Pairs(images[turns], order[turns], objects)


def match(pairs: Pairs, fits: Flags, count: int) -> Integers:
    """The annotated object that each prediction takes; greedy, as the official code.

    In every round the first pair left of each image is a match: its prediction has the highest score of those that
    can match at all, and takes the best object that is free. So there are as many rounds as objects in an image.

    Args:
        pairs: candidates.
        fits: those whose noun, verb and time are right, [P].
        count: predictions M.

    Returns:
        Row of the annotated object, [M]; -1 = none.
    """
    taken = np.full(count, -1, dtype=np.int64)
    images, predictions, labels = (column[fits] for column in pairs)
    free = np.ones(int(labels.max(initial=-1)) + 1, dtype=np.bool_)
    while len(images):
        first = np.concatenate(([True], images[1:] != images[:-1]))
        taken[predictions[first]] = labels[first]
        free[labels[first]] = False
        left = (taken[predictions] < 0) & free[labels]
        images, predictions, labels = images[left], predictions[left], labels[left]
    return taken


def intersection_over_union(one: Floats, other: Floats) -> Floats:
    """Of pairs of boxes, columns [4, P]; the last pixel counts (width = x2 - x1 + 1), sides below zero are zero."""
    width = _side(np.maximum(one[0], other[0]), np.minimum(one[2], other[2]))
    height = _side(np.maximum(one[1], other[1]), np.minimum(one[3], other[3]))
    shared = width * height
    return np.asarray(shared / (_area(one) + _area(other) - shared + _EPSILON))


def _area(boxes: Floats) -> Floats:
    return _side(boxes[0], boxes[2]) * _side(boxes[1], boxes[3])


def _side(low: Floats, high: Floats) -> Floats:
    return np.asarray(np.maximum(high - low + 1, 0))


def _blocks(counts: Integers) -> list[slice]:
    """Parts of the predictions with about as many pairs each; one at least."""
    cuts = np.searchsorted(np.cumsum(counts), np.arange(_BLOCK, int(counts.sum()), _BLOCK))
    edges = [0, *cuts.tolist(), len(counts)]
    return [slice(low, high) for low, high in pairwise(edges)]


def _overlapping(
    true: Floats, found: Floats, counts: Integers, starts: Integers, threshold: float
) -> tuple[Integers, Integers, Floats]:
    """Predictions of a block, rows of annotated objects, and overlaps, of the pairs that overlap enough.

    Args:
        true: annotated boxes, [4, K].
        found: predicted boxes, [4, B].
        counts: annotated objects of the image of each prediction, [B].
        starts: row of the first of them, [B].
        threshold: of the overlap.
    """
    own = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(own)) - np.repeat(np.cumsum(counts) - counts, counts)
    objects = starts[own] + within
    overlap = intersection_over_union(found[:, own], true[:, objects])
    enough = overlap > threshold
    return own[enough], objects[enough], overlap[enough]

"""The order of predictions, the official one with stable sorts.

The official code sorts with numpy's default, unstable sort, whose order of equal scores changes with the processor.
Here the order is what its lines give with stable sorts. It is sorted once, fast and unstably; equal scores are then put
in their places.
"""

from typing import NamedTuple

import numpy as np

from toto_bench.tasks.ego4d_sta.columns import Flags, Integers, Predictions


class Order(NamedTuple):
    """Rows of the predictions, [M] each."""

    turns: Integers
    """In the order of matching: images as they come, in each the highest score first, the later among equals."""
    ranked: Integers
    """In the order of the precision-recall curve over all images: the highest score first."""
    by_noun: Integers
    """The same with equal nouns together, ascending."""


def order_predictions(predictions: Predictions, sorted_again: Flags) -> Order:
    """All orders of the predictions.

    In the curve the later image comes first among equal scores. Within an image the later prediction does, too, except
    in images that the official code sorts a second time when it ignores false positives: there it is the earlier.

    Args:
        predictions: of N images.
        sorted_again: which images are, [N].
    """
    falling = np.argsort(-predictions.scores)
    rows = np.arange(len(falling))
    by_score = _place_equals(falling, predictions, -rows)
    turns = by_score[np.argsort(_short(predictions.images[by_score]), kind="stable")]
    starts, images = predictions.starts, predictions.images
    within = rows - starts[images]
    last = predictions.counts[images] - 1 - within
    later_images_first = len(rows) - starts[images] - predictions.counts[images]
    ranked = _place_equals(
        falling, predictions, later_images_first + np.where(sorted_again[images], within, last)
    )
    by_noun = ranked[np.argsort(_short(predictions.nouns[ranked]), kind="stable")]
    return Order(turns, ranked, by_noun)


def _place_equals(falling: Integers, predictions: Predictions, place: Integers) -> Integers:
    """Rows by falling score, and among equal ones by their place."""
    scores = predictions.scores[falling]
    same = scores[1:] == scores[:-1]
    equal = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if not len(equal):
        return falling
    run = np.append(0, np.cumsum(~same))[equal]
    found = falling.copy()
    found[equal] = falling[equal][np.lexsort((place[falling[equal]], run))]
    return found


def _short(numbers: Integers) -> Integers:
    """The same in 16 bits where they fit: numpy sorts those by their digits, which is much faster."""
    low, high = numbers.min(initial=0), numbers.max(initial=0)
    return numbers.astype(np.uint16) if low >= 0 and high < 2**16 else numbers

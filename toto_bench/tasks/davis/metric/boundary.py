"""Boundary accuracy F: how well two outlines agree within a small distance.

Truth and prediction travel together in one map of bytes, truth in bit 0 and prediction in bit 1, so that
every step below is done once for both.
"""

import math

import numpy as np
from numpy.typing import NDArray

from toto_bench.tasks.davis.metric.errors import BoundThresholdError

BOUND_THRESHOLD = 0.008
"""Tolerance as a share of the frame's diagonal (official metrics.py, `bound_th`): 8 pixels at 480x854."""

TRUTH, PREDICTION = np.uint8(1), np.uint8(2)


def tolerance_pixels(frame_size: tuple[int, int], bound_threshold: float) -> int:
    """Distance in pixels within which outlines match, for frames of (H, W).

    A threshold below 1 is a share of the diagonal, rounded up; from 1 on it is the distance itself.

    Raises:
        BoundThresholdError: the threshold is negative, not finite, or a distance that is not whole.
    """
    whole = bound_threshold < 1 or float(bound_threshold).is_integer()
    if not (0 <= bound_threshold < math.inf and whole):
        raise BoundThresholdError(
            f"bound_threshold is {bound_threshold}, expected a share of the diagonal (below 1) or whole "
            f"pixels. Leave it at {BOUND_THRESHOLD} for scores that compare with published ones."
        )
    if bound_threshold >= 1:
        return int(bound_threshold)
    return int(np.ceil(bound_threshold * np.linalg.norm(frame_size)))


def boundary_f(truth: NDArray[np.bool_], prediction: NDArray[np.bool_], radius: int) -> float:
    """F of one object from its masks [H, W] and the tolerated distance in pixels.

    Two empty outlines agree (F = 1), an empty one and one that is not disagree (F = 0).
    """
    outlines = outline(truth * TRUTH + prediction * PREDICTION)
    n_truth, n_prediction = _count(outlines, TRUTH), _count(outlines, PREDICTION)
    if n_truth == 0 or n_prediction == 0:
        return float(n_truth == n_prediction)
    near = dilate(outlines, radius)
    precision = _count(outlines & (near << np.uint8(1)), PREDICTION) / n_prediction
    recall = _count(outlines & (near >> np.uint8(1)), TRUTH) / n_truth
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def outline(masks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels [H, W] that differ from the next one to the right, below, or diagonally below, bit by bit.

    So an outline lies half a pixel towards the origin. Where a mask ends at the edge of the frame it has
    none, and a mask that fills the frame has none at all (official metrics.py, `_seg2bmap`).
    """
    edges = np.zeros_like(masks)
    edges[:, :-1] = masks[:, :-1] ^ masks[:, 1:]
    edges[:-1] |= masks[:-1] ^ masks[1:]
    edges[:-1, :-1] |= masks[:-1, :-1] ^ masks[1:, 1:]
    return edges


def dilate(maps: NDArray[np.uint8], radius: int) -> NDArray[np.uint8]:
    """Spread the bits of [H, W] over the disk x^2 + y^2 <= radius^2 (`skimage.morphology.disk`).

    The disk is a stack of runs: the bits are spread sideways step by step, and each width reached is added
    to the rows for which it is the width of the disk. Rows end in `radius` zeros, so that moving the whole
    map by some bytes moves no bit into another row.
    """
    height, width = maps.shape
    stride = width + radius
    padded = np.zeros((height, stride), np.uint8)
    padded[:, :width] = maps
    source = padded.ravel()
    spread, result = source.copy(), np.zeros_like(source)
    rows_by_width: dict[int, list[int]] = {}
    for row in range(radius + 1):
        rows_by_width.setdefault(math.isqrt(radius**2 - row**2), []).append(row)
    for half_width in range(radius + 1):
        _add_moved(spread, source, half_width)
        for row in rows_by_width.get(half_width, []):
            _add_moved(result, spread, row * stride)
    return result.reshape(height, stride)[:, :width]


def _add_moved(target: NDArray[np.uint8], source: NDArray[np.uint8], step: int) -> None:
    """Set in the target the bits of the source moved by so many bytes in both directions."""
    if step == 0:
        target |= source
    else:
        target[step:] |= source[:-step]
        target[:-step] |= source[step:]


def _count(maps: NDArray[np.uint8], bit: np.uint8) -> int:
    return int(np.count_nonzero(maps & bit))

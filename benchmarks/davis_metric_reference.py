"""The DAVIS metric one frame and one object at a time, on full frames: slow, short, and easy to check by eye.

Written to the same rules as `evaluate_masks` and shared by its tests and its benchmark. It does the steps
of the official evaluation (davisvideochallenge/davis2017-evaluation at commit ac7c43fc), with one difference
in its own favour: masks are boolean, not the float64 stacks of all objects that the official code builds.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


class Statistics(NamedTuple):
    """One measure of one object."""

    per_frame: NDArray[np.float64]
    mean: float
    recall: float
    decay: float


def reference_scores(
    truth: NDArray[np.integer[Any]], prediction: NDArray[np.integer[Any]], bound_threshold: float = 0.008
) -> dict[int, tuple[Statistics, Statistics]]:
    """(J, F) by object id, of label maps [T, H, W] with all frames."""
    first = np.where(truth[0] == 255, 0, truth[0])
    scores = {}
    for object_id in range(1, int(first.max()) + 1):
        pairs = [
            (true_labels == object_id, labels == object_id)
            for true_labels, labels in zip(truth[1:-1], prediction[1:-1], strict=True)
        ]
        j = np.array([region_similarity(*pair) for pair in pairs], dtype=np.float64)
        f = np.array([boundary_accuracy(*pair, bound_threshold) for pair in pairs], dtype=np.float64)
        scores[object_id] = (statistics(j), statistics(f))
    return scores


def region_similarity(truth: Mask, prediction: Mask) -> float:
    """J of one frame: intersection over union, 1 where both are empty."""
    union = np.sum(truth | prediction)
    return 1.0 if union == 0 else float(np.sum(truth & prediction) / union)


def boundary_accuracy(truth: Mask, prediction: Mask, bound_threshold: float) -> float:
    """F of one frame: precision and recall of the outlines, each against the other one dilated."""
    radius = bound_threshold
    if bound_threshold < 1:
        radius = float(np.ceil(bound_threshold * np.linalg.norm(truth.shape)))
    found, wanted = outline(prediction), outline(truth)
    near_found = cv2.dilate(found.astype(np.uint8), disk(radius))
    near_wanted = cv2.dilate(wanted.astype(np.uint8), disk(radius))
    n_found, n_wanted = np.sum(found), np.sum(wanted)
    if n_found == 0 or n_wanted == 0:
        precision = 1.0 if n_found == 0 else 0.0
        recall = 1.0 if n_wanted == 0 else 0.0
    else:
        precision = float(np.sum(found * near_wanted) / float(n_found))
        recall = float(np.sum(wanted * near_found) / float(n_wanted))
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def outline(mask: Mask) -> Mask:
    """Pixels that differ from the right, lower or lower-right one; the frame's edge makes no outline."""
    right, below, diagonal = np.zeros_like(mask), np.zeros_like(mask), np.zeros_like(mask)
    right[:, :-1] = mask[:, 1:]
    below[:-1] = mask[1:]
    diagonal[:-1, :-1] = mask[1:, 1:]
    edges = mask ^ right | mask ^ below | mask ^ diagonal
    edges[-1] = mask[-1] ^ right[-1]
    edges[:, -1] = mask[:, -1] ^ below[:, -1]
    edges[-1, -1] = False
    return edges


def disk(radius: float) -> NDArray[np.uint8]:
    """Points within the radius of the centre."""
    x, y = np.meshgrid(np.arange(-radius, radius + 1), np.arange(-radius, radius + 1))
    inside: Mask = x**2 + y**2 <= radius**2
    return inside.astype(np.uint8)


def statistics(per_frame: NDArray[np.float64]) -> Statistics:
    """Mean, share above a half, and first minus last quarter by 8-bit frame indices."""
    borders = (np.round(np.linspace(1, len(per_frame), 5) + 1e-10) - 1).astype(np.uint8)
    bins = [per_frame[borders[i] : borders[i + 1] + 1] for i in range(4)]
    decay = float(np.nanmean(bins[0]) - np.nanmean(bins[3]))
    return Statistics(per_frame, float(np.nanmean(per_frame)), float(np.nanmean(per_frame > 0.5)), decay)

"""J and F of every object of one sequence."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.tasks.davis.metric.boundary import BOUND_THRESHOLD, boundary_f, tolerance_pixels
from toto_bench.tasks.davis.metric.box import box_around
from toto_bench.tasks.davis.metric.jaccard import jaccard
from toto_bench.tasks.davis.metric.summary import DecayBins, ObjectScore, summarise
from toto_bench.tasks.davis.metric.validation import count_objects


def evaluate_masks(
    truth: NDArray[np.integer[Any]],
    prediction: NDArray[np.integer[Any]],
    *,
    decay_bins: DecayBins = "uint8",
    bound_threshold: float = BOUND_THRESHOLD,
) -> dict[int, ObjectScore]:
    """Score one sequence as the official semi-supervised DAVIS-2017 evaluation, to the last digit.

    Args:
        truth: annotated labels [T, H, W], all frames. 255 is background, and so is any label above those
            of the first frame.
        prediction: predicted labels [T, H, W], all frames. An object that is missing scores as empty.
        decay_bins: 'uint8' wraps frame indices as the official code does, 'exact' does not (see `DecayBins`).
        bound_threshold: tolerance of F, a share of the frame's diagonal, or whole pixels from 1 on.

    Returns:
        Scores of the objects 1..n, where n is the highest label of the first true frame; an id below n
        counts even without a pixel there. The first and the last frame are not scored, and ids above n in
        those frames of the prediction are not noticed.

    Raises:
        MaskError: the masks cannot be scored; one subclass per cause, see `count_objects`.
        BoundThresholdError, DecayBinsError: an option has a value that it does not know.
    """
    n_objects = count_objects(truth, prediction)
    radius = tolerance_pixels((truth.shape[1], truth.shape[2]), bound_threshold)
    values = np.empty((2, n_objects, len(truth) - 2))
    for index, (true_labels, labels) in enumerate(zip(truth[1:-1], prediction[1:-1], strict=True)):
        values[:, :, index] = _score_frame(_as_bytes(true_labels), _as_bytes(labels), n_objects, radius)
    return {
        object_id: ObjectScore(j=summarise(j, decay_bins), f=summarise(f, decay_bins))
        for object_id, (j, f) in enumerate(zip(*values, strict=True), start=1)
    }


def _score_frame(
    truth: NDArray[np.uint8], prediction: NDArray[np.uint8], n_objects: int, radius: int
) -> NDArray[np.float64]:
    """J and F [2, n] of the objects 1..n from the labels [H, W] of one frame."""
    box = box_around(truth | prediction)
    truth, prediction = truth[box], prediction[box]
    scores = [_score_object(truth == id_, prediction == id_, radius) for id_ in range(1, n_objects + 1)]
    return np.array(scores).T


def _score_object(
    truth: NDArray[np.bool_], prediction: NDArray[np.bool_], radius: int
) -> tuple[float, float]:
    """J and F of one object from its masks [H, W]. Equal masks agree in both, empty ones too."""
    box = box_around((truth | prediction).view(np.uint8))
    truth, prediction = truth[box], prediction[box]
    j = jaccard(truth, prediction)
    return (1.0, 1.0) if j == 1 else (j, boundary_f(truth, prediction, radius))


def _as_bytes(labels: NDArray[np.integer[Any]]) -> NDArray[np.uint8]:
    return labels.astype(np.uint8, copy=False)

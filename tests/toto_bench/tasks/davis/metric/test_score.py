"""`evaluate_masks` against the frame-by-frame reference on random masks, with no tolerance.

Covers: objects that touch borders, fill the frame or are missing, empty frames, images smaller than the disk
and down to one pixel, up to twelve objects, void in the truth, labels that appear late, thresholds in pixels.
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from toto_bench.tasks.davis.metric import evaluate_masks

THRESHOLDS = st.sampled_from([0.0, 0.008, 0.008, 0.03, 0.2, 0.9999, 1, 2.0, 3, 8, 40])
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def assert_equal_scores(
    reference_scores: Callable, truth: np.ndarray, prediction: np.ndarray, threshold: float
) -> None:
    scores = evaluate_masks(truth, prediction, bound_threshold=threshold)
    expected = reference_scores(truth, prediction, threshold)
    assert list(scores) == list(expected)
    for object_id, pair in expected.items():
        for measure, wanted in zip((scores[object_id].j, scores[object_id].f), pair, strict=True):
            assert measure.per_frame.tolist() == wanted.per_frame.tolist()
            assert (measure.mean, measure.recall, measure.decay) == wanted[1:]


def random_sequence(
    rng: np.random.Generator, size: tuple[int, int], n_frames: int, n_objects: int
) -> np.ndarray:
    """Ellipses and boxes that may reach over the border, hide each other, and be absent from any frame."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    labels = np.zeros((n_frames, *size), np.uint8)
    for frame in labels:
        for object_id in rng.permutation(np.arange(1, n_objects + 1)):
            if rng.random() < 0.15:
                continue
            y, x = rng.uniform(-0.1, 1.1, 2) * size
            height, width = rng.uniform(0.02, 0.7, 2) * size + 0.5
            dy, dx = np.abs(rows - y) / height, np.abs(columns - x) / width
            inside = dy**2 + dx**2 <= 1 if rng.random() < 0.5 else np.maximum(dy, dx) <= 1
            frame[inside] = object_id
    return labels


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    n_frames=st.integers(3, 7),
    n_objects=st.integers(1, 12),
    threshold=THRESHOLDS,
)
@SETTINGS
def test_shapes(reference_scores, seed, size, n_frames, n_objects, threshold) -> None:
    rng = np.random.default_rng(seed)
    truth = random_sequence(rng, size, n_frames, n_objects)
    truth[0, 0, 0] = n_objects
    prediction = truth.copy() if rng.random() < 0.5 else random_sequence(rng, size, n_frames, n_objects)
    prediction = np.roll(prediction, rng.integers(-3, 4, 2), axis=(1, 2))
    prediction[rng.random(prediction.shape) < 0.01] = 0
    truth[rng.random(truth.shape) < 0.02] = 255
    truth[1:][rng.random(truth[1:].shape) < 0.01] = n_objects + 1
    truth[0, 0, 0] = n_objects
    assert_equal_scores(reference_scores, truth, prediction, threshold)


@given(
    masks=arrays.arrays(
        np.uint8,
        st.tuples(st.just(2), st.integers(3, 5), st.integers(1, 9), st.integers(1, 9)),
        elements=st.integers(0, 3),
    ),
    threshold=THRESHOLDS,
)
@SETTINGS
def test_arbitrary_labels(reference_scores, masks, threshold) -> None:
    truth, prediction = masks
    truth[0, 0, 0] = 3
    assert_equal_scores(reference_scores, truth, prediction, threshold)


@pytest.mark.parametrize("size", [(480, 854), (480, 910), (97, 182)])
def test_video_sizes(reference_scores, size) -> None:
    rng = np.random.default_rng(7)
    truth = random_sequence(rng, size, 5, 4)
    truth[0, 0, 0] = 4
    prediction = np.roll(truth, (5, -4), axis=(1, 2))
    assert_equal_scores(reference_scores, truth, prediction, 0.008)
    transposed = truth.transpose(0, 2, 1), prediction.transpose(0, 2, 1)
    assert_equal_scores(reference_scores, *transposed, 0.008)


def test_a_full_frame_has_no_outline() -> None:
    truth = np.ones((3, 20, 30), np.uint8)
    score = evaluate_masks(truth, np.zeros_like(truth))[1]
    assert (score.j.mean, score.f.mean) == (0.0, 1.0)


def test_first_and_last_frame_are_not_scored() -> None:
    truth = np.zeros((4, 20, 30), np.uint8)
    truth[:, 5:15, 5:15] = 1
    prediction = truth.copy()
    prediction[0], prediction[-1] = 9, 255
    score = evaluate_masks(truth, prediction)[1]
    assert score.j.per_frame.tolist() == score.f.per_frame.tolist() == [1.0, 1.0]


def test_inputs_are_left_alone() -> None:
    truth = random_sequence(np.random.default_rng(0), (40, 50), 4, 3)
    truth[0, 0, 0] = 3
    truth[1, 0, 0] = 255
    prediction = np.roll(truth, 2, axis=2)
    prediction[prediction == 255] = 0
    before = truth.copy(), prediction.copy()
    truth.setflags(write=False)
    prediction.setflags(write=False)
    evaluate_masks(truth, prediction)
    assert np.array_equal(truth, before[0])
    assert np.array_equal(prediction, before[1])

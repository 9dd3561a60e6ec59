"""Tolerance, outlines and dilation of F."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toto_bench.tasks.davis.metric import BoundThresholdError, evaluate_masks
from toto_bench.tasks.davis.metric.boundary import dilate, outline, tolerance_pixels


@pytest.mark.parametrize(
    ("size", "pixels"), [((480, 854), 8), ((480, 910), 9), ((480, 1152), 10), ((75, 100), 1), ((24, 32), 1)]
)
def test_tolerance_grows_with_the_diagonal(size, pixels) -> None:
    assert tolerance_pixels(size, 0.008) == pixels


@pytest.mark.parametrize(("threshold", "pixels"), [(0, 0), (1, 1), (5.0, 5), (0.5, 25)])
def test_tolerance_from_one_on_is_in_pixels(threshold, pixels) -> None:
    assert tolerance_pixels((30, 40), threshold) == pixels


@pytest.mark.parametrize("threshold", [-0.1, -1, 2.5, float("nan"), float("inf")])
def test_tolerance_must_be_a_distance(threshold) -> None:
    masks = np.ones((3, 4, 4), np.uint8)
    with pytest.raises(BoundThresholdError, match=r"expected .* Leave it at 0\.008"):
        evaluate_masks(masks, masks, bound_threshold=threshold)


def test_outline_lies_towards_the_origin_and_stops_at_the_frame() -> None:
    mask = np.zeros((4, 5), np.uint8)
    mask[2:, 2:] = 1
    expected = [[0, 0, 0, 0, 0], [0, 1, 1, 1, 1], [0, 1, 0, 0, 0], [0, 1, 0, 0, 0]]
    assert outline(mask).tolist() == expected


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 30),
    width=st.integers(1, 30),
    radius=st.integers(0, 40),
)
@settings(max_examples=200, deadline=None)
def test_dilate_spreads_both_bits_as_opencv_does(reference, seed, height, width, radius) -> None:
    maps = np.random.default_rng(seed).choice(4, p=[0.94, 0.02, 0.02, 0.02], size=(height, width))
    maps = maps.astype(np.uint8)
    spread = dilate(maps, radius)
    for bit in (1, 2):
        plane = np.minimum(maps & bit, 1).astype(np.uint8)
        assert np.array_equal(spread & bit > 0, cv2.dilate(plane, reference.disk(radius)) > 0)

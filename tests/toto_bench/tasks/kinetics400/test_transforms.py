"""Sizes and crops, against SlowFast's own output and torch's interpolation."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from toto_bench.tasks.kinetics400.transforms import (
    crop_corners,
    random_corner,
    random_short_side,
    resize_short_side,
    short_side_size,
)

GOLDEN = Path(__file__).parents[3] / "golden" / "recognition" / "slowfast.json"
CASES = json.loads(GOLDEN.read_text())["spatial_crops"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['h']}x{case['w']}")
def test_sizes_and_crops_are_those_of_slowfast(case: dict[str, Any]) -> None:
    """Upright too: rows and columns change places."""
    size = case["short_side"]
    height, width = short_side_size(case["h"], case["w"], size)
    assert [height, width] == case["resized"]
    corners = [(crop["y"], crop["x"]) for crop in case["official"]]
    assert crop_corners(height, width, size, 3) == corners
    assert crop_corners(height, width, size, 1) == corners[1:2]
    assert short_side_size(case["w"], case["h"], size) == (width, height)
    assert crop_corners(width, height, size, 3) == [(x, y) for y, x in corners]


@pytest.mark.parametrize("shape", [(256, 340), (129, 200), (360, 240), (100, 180)])
def test_resizing_is_torchs_bilinear_without_antialiasing(shape: tuple[int, int]) -> None:
    """Rounded to whole values, downwards and upwards."""
    frame = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    found = resize_short_side(frame, 128)
    video = torch.from_numpy(frame).permute(2, 0, 1)[None].double()
    expected = F.interpolate(video, size=short_side_size(*shape, 128), mode="bilinear", align_corners=False)
    assert np.abs(found - expected[0].permute(1, 2, 0).numpy()).max() <= 0.51


def test_a_frame_of_the_right_size_is_left_alone() -> None:
    """Not even copied."""
    frame = np.zeros((128, 200, 3), np.uint8)
    assert resize_short_side(frame, 128) is frame


def test_random_sizes_and_corners_use_their_whole_range() -> None:
    """Both ends are drawn."""
    rng = np.random.default_rng(0)
    assert {random_short_side(146, 150, rng) for _ in range(200)} == set(range(146, 151))
    corners = [random_corner(130, 131, 128, rng) for _ in range(300)]
    assert {y for y, _ in corners} == {0, 1, 2}
    assert {x for _, x in corners} == {0, 1, 2, 3}

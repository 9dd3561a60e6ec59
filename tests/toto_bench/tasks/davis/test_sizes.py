"""Covers: DINO's frame sizes and its resize, against its own ``read_frame``."""

import json
from pathlib import Path

import numpy as np
import pytest

from toto_bench.errors import RequestError
from toto_bench.tasks.davis.sizes import dino_size, grid_size, resize_frame

GOLDEN = Path(__file__).parents[3] / "golden" / "davis"
SIZES = json.loads((GOLDEN / "prop_dino.json").read_text())["_preproc"]


@pytest.mark.parametrize("case", SIZES.values(), ids=SIZES)
def test_sizes_are_dinos(case):
    width, height = case["in_wh"]
    size = dino_size(height, width)
    assert list(size) == case["out_hw"]
    for patch in (16, 8, 14):
        assert list(grid_size(size, patch)) == case[f"frame_grid_ps{patch}"]
        if width != height:  # the reference turns the masks of square frames, but not the frames
            assert list(grid_size(size, patch)) == case[f"seg_hw_ps{patch}"]


def test_resized_pixels_are_dinos():
    with np.load(GOLDEN / "prop_dino.npz") as arrays:
        frame, official = arrays["preproc_native__input"], arrays["preproc_native__out_sub16"]
    resized = resize_frame(frame, dino_size(*frame.shape[:2]))
    assert resized.dtype == np.uint8
    pixels = (resized.astype(np.float32) / 255 - [0.485, 0.456, 0.406]) / [0.228, 0.224, 0.225]
    np.testing.assert_allclose(pixels.transpose(2, 0, 1)[:, ::16, ::16], official, atol=1e-5)


def test_another_short_side():
    assert dino_size(480, 854, short_side=240) == (240, 384)


@pytest.mark.parametrize("request_", [(0, 10, 480), (10, 10, 0), (10, 10, 32)])
def test_impossible_sizes_are_refused(request_):
    with pytest.raises(RequestError, match="frame of"):
        dino_size(*request_)

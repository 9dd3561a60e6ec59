"""Sizes and crops of frames: SlowFast's rules (datasets/transform.py, commit 287ec007)."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def short_side_size(height: int, width: int, size: int) -> tuple[int, int]:
    """Height and width with a short side of `size`; the long side is rounded down, in floats as the official code."""
    if width < height:
        return math.floor(height / width * size), size
    return size, math.floor(width / height * size)


def resize_short_side(frame: Pixels, size: int) -> Pixels:
    """Bring the short side of uint8 [H, W, 3] to `size`: bilinear without antialiasing, rounded to whole values."""
    height, width = short_side_size(frame.shape[0], frame.shape[1], size)
    if frame.shape[:2] == (height, width):
        return frame
    # In floats: on whole values OpenCV rounds its weights, which is up to a grey value off.
    resized = cv2.resize(frame.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.rint(resized).astype(np.uint8)


def crop_corners(height: int, width: int, size: int, crops: int) -> list[tuple[int, int]]:
    """Upper left corners (y, x) of the squares that are scored: along the long side, or in the middle.

    Three crops lie at the start, in the middle and at the end of the long side; a single one is the middle.

    Args:
        height: of the resized frame.
        width: of the resized frame.
        size: side of the squares.
        crops: 1 or 3.
    """
    y, x = -(-(height - size) // 2), -(-(width - size) // 2)
    if crops == 1:
        return [(y, x)]
    if height > width:
        return [(0, x), (y, x), (height - size, x)]
    return [(y, 0), (y, x), (y, width - size)]


def random_short_side(low: int, high: int, rng: np.random.Generator) -> int:
    """Size of the short side of a training clip, evenly from a range, both ends included."""
    return round(float(rng.uniform(low, high)))


def random_corner(height: int, width: int, size: int, rng: np.random.Generator) -> tuple[int, int]:
    """Upper left corner (y, x) of a training clip's square; every place is as likely."""
    return int(rng.integers(0, height - size + 1)), int(rng.integers(0, width - size + 1))

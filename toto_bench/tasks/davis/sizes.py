"""Frame sizes of the DAVIS protocol."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import RequestError

_MULTIPLE = 64
"""The long side is a multiple of this, whatever the patch size."""


def dino_size(height: int, width: int, short_side: int = 480) -> tuple[int, int]:
    """Return the (height, width) at which DINO encodes a frame: 480p becomes 480 x 832.

    The short side becomes ``short_side``; the long side keeps the aspect and is then cut to a multiple of 64,
    so the aspect changes slightly (``read_frame`` in facebookresearch/dino, eval_video_segmentation.py).
    For square frames the reference swaps the sides of the mask but not of the frame, which scrambles it; here
    both use the frame's size.

    Raises:
        RequestError: If a side is not positive, or the long side would be less than 64.
    """
    if min(height, width, short_side) < 1:
        raise RequestError(
            f"A frame of {height} x {width} cannot be resized to {short_side}: sizes start at 1."
        )
    long_side = short_side * max(height, width) / min(height, width)
    long_side = int(long_side // _MULTIPLE * _MULTIPLE)
    if long_side == 0:
        raise RequestError(
            f"A frame of {height} x {width} with short side {short_side} has a long side below {_MULTIPLE}; "
            f"choose a short side of at least {_MULTIPLE}."
        )
    return (long_side, short_side) if height > width else (short_side, long_side)


def grid_size(size: tuple[int, int], patch: int) -> tuple[int, int]:
    """Return the (rows, columns) of whole patches in a frame of (height, width)."""
    return size[0] // patch, size[1] // patch


def resize_frame(rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Resize a frame ``[H, W, 3]`` to (height, width): OpenCV bilinear on uint8, no antialiasing."""
    resized: NDArray[Any] = cv2.resize(rgb, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, dtype=np.uint8)

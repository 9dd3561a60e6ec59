"""Frames as JPEG pictures."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toto_bench.files import write_bytes


def write_jpeg(path: Path, frame: NDArray[np.uint8], *, quality: int) -> None:
    """Write a frame as a JPEG with the smallest coding tables.

    Args:
        path: of the file, which is there as a whole or not at all.
        frame: uint8 [H, W, 3] RGB.
        quality: 1 is worst, 95 is best.
    """
    stream = io.BytesIO()
    Image.fromarray(frame).save(stream, "JPEG", quality=quality, optimize=True)
    write_bytes(path, stream.getvalue())

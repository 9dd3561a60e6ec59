"""Frames as JPEG."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toto_bench.files import write_bytes

_QUALITY = 75


def write_frame(path: Path, frame: NDArray[np.uint8]) -> None:
    """Write uint8 [H, W, 3] RGB as a JPEG."""
    stream = io.BytesIO()
    Image.fromarray(frame).save(stream, "JPEG", quality=_QUALITY, optimize=True)
    write_bytes(path, stream.getvalue())

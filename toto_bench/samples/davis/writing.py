"""Masks as palette PNG."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toto_bench.files import write_bytes


def write_mask(path: Path, labels: NDArray[np.uint8]) -> None:
    """Write uint8 [H, W] as a palette PNG whose indices are the labels."""
    stream = io.BytesIO()
    image = Image.fromarray(labels)
    image.putpalette(palette())
    image.save(stream, "PNG", optimize=True)
    write_bytes(path, stream.getvalue())


def palette() -> list[int]:
    """256 colours [r, g, b, r, g, b ...]: bits 0, 3, 6 of a label make red, 1, 4, 7 green, 2, 5 blue, highest first."""
    return [
        sum(((label >> (3 * bit + channel)) & 1) << (7 - bit) for bit in range(3))
        for label in range(256)
        for channel in range(3)
    ]

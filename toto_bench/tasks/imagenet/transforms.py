"""Sizes and crops of images: torchvision's rules (v0.21, transforms.v2), on Pillow's antialiased resizing."""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image

RATIO = (3 / 4, 4 / 3)
"""Range of width / height of a random crop (RandomResizedCrop)."""
_TRIES = 10
"""Random crops that are drawn until one lies inside the image (RandomResizedCrop)."""
METHODS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
"""Of resizing, as the protocol calls them."""


class Box(NamedTuple):
    """A part of an image, in pixels."""

    top: int
    """First row."""
    left: int
    """First column."""
    height: int
    """Rows."""
    width: int
    """Columns."""


def random_box(height: int, width: int, scale: tuple[float, float], rng: np.random.Generator) -> Box:
    """A random part: its share of the area evenly from `scale`, its shape evenly on a logarithmic scale.

    Where none of ten lies inside the image, the largest one in the middle whose shape is allowed.
    """
    low, high = math.log(RATIO[0]), math.log(RATIO[1])
    for _ in range(_TRIES):
        area = height * width * rng.uniform(*scale)
        shape = math.exp(rng.uniform(low, high))
        w, h = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
        if 0 < w <= width and 0 < h <= height:
            return Box(int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1)), h, w)
    shape = min(max(width / height, RATIO[0]), RATIO[1])
    w, h = min(width, round(height * shape)), min(height, round(width / shape))
    return Box((height - h) // 2, (width - w) // 2, h, w)


def resize_short_side(image: Image.Image, size: int, method: str) -> Image.Image:
    """Bring the short side to `size`; the long side is rounded down."""
    short = min(image.size)
    if short == size:
        return image
    width, height = (size if side == short else int(size * side / short) for side in image.size)
    return image.resize((width, height), METHODS[method])


def center_crop(image: Image.Image, size: int) -> Image.Image:
    """The square in the middle; half pixels are rounded to even."""
    left, top = (round((side - size) / 2) for side in image.size)
    return image.crop((left, top, left + size, top + size))

"""Image files for tasks that read one image at a time."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toto_bench.errors import DataError
from toto_bench.media.images import ImageError, decode_image, image_header


def read_image(path: Path, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """An image as uint8 [H, W, 3] RGB.

    Args:
        path: any format that Pillow reads.
        size: height and width to bring it to (bicubic with antialiasing); None = as it is.

    Raises:
        DataError: it cannot be decoded; the message names the file.
    """
    try:
        colour = decode_image(path)
    except ImageError as error:
        raise DataError(f"{path} cannot be decoded as an image ({error}). Restore the file.") from error
    if size is not None and colour.size != size[::-1]:
        colour = colour.resize(size[::-1], Image.Resampling.BICUBIC)
    return np.asarray(colour, dtype=np.uint8)


def image_problem(path: Path, *, thorough: bool) -> str | None:
    """What keeps an image from being read, or None; without `thorough` only its header is looked at."""
    try:
        if thorough:
            read_image(path)
        else:
            image_header(path)
    except (ImageError, DataError):
        return f"{path} cannot be decoded as an image"
    return None

"""Views of an image: the one that is scored, and random ones for training."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toto_bench.errors import DataError
from toto_bench.media.images import ImageError, decode_image
from toto_bench.media.sources import Source
from toto_bench.tasks.imagenet.protocol import ImagenetProtocol
from toto_bench.tasks.imagenet.transforms import METHODS, center_crop, random_box, resize_short_side
from toto_bench.tasks.recognition.randomness import view_generator

Pixels = NDArray[np.uint8]


class BrokenImageError(DataError):
    """An image cannot be decoded."""


def read_scored_view(source: Source, protocol: ImagenetProtocol) -> Pixels:
    """The view that is scored: short side to `eval_resize`, the square in the middle: uint8 [R, R, 3].

    Raises:
        BrokenImageError: it cannot be decoded; the message names the file.
    """
    image = resize_short_side(_open(source), protocol.eval_resize, protocol.interpolation)
    return np.asarray(center_crop(image, protocol.resolution), np.uint8)


def read_train_view(source: Source, name: str, protocol: ImagenetProtocol, *, seed: int, view: int) -> Pixels:
    """A random part, resized, perhaps mirrored: uint8 [R, R, 3], from the numbers of (seed, name, view) alone.

    Args:
        source: of the image.
        name: of the example.
        protocol: how views are cut.
        seed: of the run.
        view: number of the fixed view, or of the epoch.

    Raises:
        BrokenImageError: it cannot be decoded; the message names the file.
    """
    rng = view_generator(seed, name, view)
    image = _open(source)
    box = random_box(image.height, image.width, protocol.train_crop_scale, rng)
    part = image.crop((box.left, box.top, box.left + box.width, box.top + box.height))
    side = protocol.resolution
    pixels = np.asarray(part.resize((side, side), METHODS[protocol.interpolation]), np.uint8)
    return np.ascontiguousarray(pixels[:, ::-1] if rng.random() < protocol.flip else pixels)


def _open(source: Source) -> Image.Image:
    try:
        return decode_image(source.path if source.length is None else source.read())
    except (ImageError, OSError) as error:
        raise BrokenImageError(
            f"{source} cannot be decoded as an image ({error}). Restore the file."
        ) from error

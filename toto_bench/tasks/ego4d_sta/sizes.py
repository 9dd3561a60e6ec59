"""Which frame size the boxes of an annotation file are of: the videos', or the smaller one of 540 pixels height."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from toto_bench.tasks.ego4d_sta.columns import Integers, Objects
from toto_bench.tasks.ego4d_sta.errors import MixedSizesError

SMALL = 540
"""Height of the smaller variant, whose files are called `..._height-540.json`."""
ENOUGH = 20
"""Boxes that have to fit the smaller frames before a file is taken for that variant."""
TOLERATED = 0.01
"""Share of boxes that may reach beyond their frames."""
_SLACK = 1.0


class FrameSizes(NamedTuple):
    """Of the frames that boxes are measured in."""

    sizes: Integers
    """Height and width for each image, [N, 2]."""
    small: bool
    """Whether they are the smaller ones, though the videos are larger."""


def frame_sizes(path: Path, labels: Objects, videos: Integers) -> FrameSizes:
    """Find the sizes from the range of the boxes: both variants have the same metadata.

    Args:
        path: of the annotation file; its name may say which variant it is.
        labels: its objects.
        videos: height and width of the video of each image, as the file says, [N, 2].

    Raises:
        MixedSizesError: boxes are larger than their frames, or than the file's name says.
    """
    small = _shrunk(videos)
    called_small = f"{SMALL}" in path.stem.partition("height")[2]
    larger = (small != videos).any(axis=1)[labels.images]
    fits = ~_beyond(labels, small)
    is_small = bool(larger.any()) and bool(fits[larger].all()) and (called_small or larger.sum() >= ENOUGH)
    if called_small and larger.any() and not is_small:
        raise MixedSizesError(
            f"{path} is called a file of height {SMALL}, but {np.sum(~fits[larger]):,} of {larger.sum():,} boxes are "
            "larger: it holds boxes of another size. Take the file as it was delivered."
        )
    sizes = small if is_small else videos
    beyond = _beyond(labels, sizes)
    if beyond.sum() > TOLERATED * max(len(beyond), 1):
        row = int(np.argmax(beyond))
        height, width = sizes[labels.images[row]]
        raise MixedSizesError(
            f"{path}: {beyond.sum():,} of {len(beyond):,} boxes reach beyond their frames, the first one of "
            f"`{labels.image_of(row)}`, whose frame is {width}x{height} by `video_metadata`. Boxes and metadata are of "
            "different sizes: take both from the same file."
        )
    return FrameSizes(sizes, is_small)


def expect_same(found: tuple[int, int], size: tuple[int, int], what: str, *, small: bool) -> None:
    """A picture has the size that boxes are measured in.

    Args:
        found: height and width of the picture.
        size: height and width of the frame.
        what: the picture, for the message.
        small: whether the annotation file is the smaller variant.

    Raises:
        MixedSizesError: it has not.
    """
    if max(abs(found[0] - size[0]), abs(found[1] - size[1])) > _SLACK:
        variant = f"of height {SMALL}" if small else "of the videos' full size"
        raise MixedSizesError(
            f"{what} has {found[1]}x{found[0]} pixels, but its boxes are measured in {size[1]}x{size[0]}: the "
            f"annotation file is {variant}. Give pictures of that size, or the annotation file that belongs to these."
        )


def _shrunk(videos: Integers) -> Integers:
    """Sizes with heights of at most 540."""
    scale = np.minimum(SMALL / np.maximum(videos[:, :1], 1), 1)
    return np.rint(videos * scale).astype(np.int64)


def _beyond(labels: Objects, sizes: Integers) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    ends = sizes[labels.images][:, [1, 0, 1, 0]]
    return np.asarray((labels.boxes > ends + _SLACK).any(axis=1))

"""Predictions on disk: official-layout palette PNGs, and COCO run-length encoding for the items."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask

from toto_bench.errors import DataError
from toto_bench.files import not_written
from toto_bench.tasks.davis.reader import read_labels


def davis_palette() -> list[int]:
    """The colours of PASCAL VOC and DAVIS: bits of the label spread over R, G and B, highest first."""
    colours = np.zeros((256, 3), dtype=np.uint8)
    for label in range(256):
        for bit in range(8):
            colours[label, bit % 3] |= ((label >> bit) & 1) << (7 - bit // 3)
    return [int(value) for value in colours.ravel()]


def save_labels(path: Path, labels: NDArray[np.uint8]) -> None:
    """Write a label map [H, W] as a palette PNG.

    Raises:
        DiskError: the disk is full, or the folder cannot be written.
    """
    image = Image.fromarray(labels)
    image.putpalette(_PALETTE)
    try:
        image.save(path, format="PNG")
    except OSError as error:
        raise not_written(path, error) from error


def load_sequence(folder: Path, names: Sequence[str], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The label maps of a sequence as uint8 [T, H, W].

    The first and the last frame are not scored, and many methods do not write them: absent, they are background.

    Raises:
        DataError: a file is missing, unreadable, or of another size.
    """
    frames = []
    for index, name in enumerate(names):
        path = folder / f"{name}.png"
        if not path.is_file():
            if index in (0, len(names) - 1):
                frames.append(np.zeros(size, dtype=np.uint8))
                continue
            present = len(list(folder.glob("*.png")))
            raise DataError(
                f"{path} is missing ({present} of {len(names)} frames are there). Predictions are one palette PNG "
                "per frame, named after it: RESULTS/<sequence>/00000.png."
            )
        labels = read_labels(path)
        if labels.shape != size:
            raise DataError(
                f"{path} is {labels.shape[1]}x{labels.shape[0]}, the annotation is {size[1]}x{size[0]}. "
                "Resize predictions to the annotation, with nearest neighbour."
            )
        frames.append(labels)
    return np.stack(frames)


def encode_rle(masks: NDArray[np.uint8], object_id: int) -> list[str]:
    """COCO run-length encoding of one object, a string per frame of [T, H, W] (size = [H, W])."""
    return [
        coco_mask.encode(np.asfortranarray(frame == object_id).view(np.uint8))["counts"].decode("ascii")
        for frame in masks
    ]


def decode_rle(counts: str, size: tuple[int, int]) -> NDArray[np.bool_]:
    """The mask [H, W] behind a string of `encode_rle`."""
    mask = coco_mask.decode({"size": list(size), "counts": counts.encode("ascii")})
    return np.asarray(mask, dtype=np.bool_)


_PALETTE = davis_palette()

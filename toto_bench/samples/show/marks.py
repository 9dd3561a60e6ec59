"""What is drawn onto pictures: tinted objects, boxes, words."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from toto_bench.samples.show.sheet import font, text_size

COLOURS = ((230, 60, 50), (40, 150, 60), (40, 100, 220), (240, 160, 20), (160, 60, 200), (20, 170, 180))
"""Of boxes, in turn."""
_LETTERS = 34
"""Height of letters on a picture that is drawn at full size, per 480 pixels of its height."""


def tint(image: Image.Image, labels: NDArray[np.uint8], palette: NDArray[np.uint8]) -> Image.Image:
    """The picture with every object in its colour, outlined, and numbered in its middle.

    Args:
        image: the frame.
        labels: [H, W], 0 where nothing is.
        palette: [256, 3], a colour for each label.
    """
    frame, palette = np.asarray(image.convert("RGB")), _bright(palette)
    inside, edge = labels > 0, outline(labels)
    mixed = np.where(inside[..., None], frame // 2 + palette[labels] // 2, frame)
    mixed = np.where(edge[..., None], np.uint8(255), mixed)
    drawn = Image.fromarray(mixed.astype(np.uint8))
    for label in np.unique(labels[inside]):
        rows, columns = np.nonzero(labels == label)
        nearest = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
        place = (int(columns[nearest]), int(rows[nearest]))
        write(drawn, str(label), place, tuple(palette[label] // 3), middle=True)
    return drawn


def _bright(palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same hues, each as bright as it can be: a tint shall not darken."""
    most = palette.max(axis=1, keepdims=True).clip(1)
    return np.asarray(palette.astype(np.uint16) * 255 // most, dtype=np.uint8)


def outline(labels: NDArray[np.uint8], width: int = 2) -> NDArray[np.bool_]:
    """Pixels of objects within `width` of another label: bool [H, W]."""
    padded = np.pad(labels, width, mode="edge")
    height, length = labels.shape
    near = np.zeros(labels.shape, dtype=bool)
    for step in range(1, width + 1):
        for down, right in ((step, 0), (-step, 0), (0, step), (0, -step)):
            shifted = padded[width + down : width + down + height, width + right : width + right + length]
            near |= shifted != labels
    return near & (labels > 0)


def box(image: Image.Image, corners: Sequence[float], words: str, colour: tuple[int, ...]) -> None:
    """Draw a box [x1, y1, x2, y2] in pixels of the picture, its words above it (below where there is no room)."""
    left, top, right, bottom = (round(value) for value in corners)
    draw = ImageDraw.Draw(image)
    width = max(2, image.height // 160)
    draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=(255, 255, 255), width=width + 2)
    draw.rectangle((left, top, right, bottom), outline=colour, width=width)
    height = _letters(image) + 8
    place = top - height - width if top - height - width >= 0 else min(bottom + width, image.height - height)
    write(image, words, (left, place), colour)


def write(
    image: Image.Image, words: str, place: tuple[int, int], colour: tuple[int, ...], *, middle: bool = False
) -> None:
    """White words on a coloured strip, kept inside the picture; `place` is the top left corner, or the middle."""
    size = _letters(image)
    width, height = text_size(words, size)
    width, height = width + 8, max(height, size) + 6
    left, top = (place[0] - width // 2, place[1] - height // 2) if middle else place
    left = min(max(left, 0), max(image.width - width, 0))
    top = min(max(top, 0), max(image.height - height, 0))
    draw = ImageDraw.Draw(image)
    draw.rectangle((left, top, left + width, top + height), fill=tuple(int(value) for value in colour))
    draw.text((left + 4, top + 2), words, fill=(255, 255, 255), font=font(size))


def _letters(image: Image.Image) -> int:
    return max(11, round(image.height * _LETTERS / 480))

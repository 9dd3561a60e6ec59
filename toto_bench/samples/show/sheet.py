"""A contact sheet: rows of pictures under a title, on white."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

ROWS = 16
"""At most this many rows of a kind are drawn, spread over all there are."""
_MARGIN, _GAP = 16, 6
_INK, _PALE, _PAPER = (20, 20, 20), (110, 110, 110), (255, 255, 255)
_TITLE, _HEADING, _CAPTION = 26, 17, 13


class Cell(NamedTuple):
    """A picture and what stands below it."""

    image: Image.Image
    caption: str = ""


class Row(NamedTuple):
    """Pictures side by side, and what stands above them."""

    heading: str
    cells: Sequence[Cell]


class Page(NamedTuple):
    """One contact sheet."""

    title: str
    notes: str
    """What is seen, in small print."""
    rows: Sequence[Row]
    height: int
    """Of the pictures, in pixels."""


def draw_page(page: Page) -> Image.Image:
    """The sheet as a picture; it is as wide as its widest row."""
    bands = [_head(page), *(_band(row, page.height) for row in page.rows)]
    width = max(band.width for band in bands) + 2 * _MARGIN
    height = sum(band.height + _MARGIN for band in bands) + _MARGIN
    sheet, top = Image.new("RGB", (width, height), _PAPER), _MARGIN
    for band in bands:
        sheet.paste(band, (_MARGIN, top))
        top += band.height + _MARGIN
    return sheet


def spread(count: int, most: int) -> list[int]:
    """Up to `most` of `count` indices, evenly, the first and the last among them.

    >>> spread(9, 3)
    [0, 4, 8]
    """
    if count <= most:
        return list(range(count))
    return [round(index * (count - 1) / (most - 1)) for index in range(most)] if most > 1 else [0]


def shown(most: int, count: int, what: str) -> str:
    """How many of all are drawn: `16 of 240 clips`, or `8 clips`."""
    return f"{most} of {count:,} {what}" if count > most else f"{count} {what}"


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font."""
    return ImageFont.load_default(size)


def text_size(text: str, size: int) -> tuple[int, int]:
    """Width and height of a line in pixels."""
    left, top, right, bottom = font(size).getbbox(text)
    return round(right - min(left, 0)), round(bottom - min(top, 0))


def _head(page: Page) -> Image.Image:
    lines = [(page.title, _TITLE, _INK), (page.notes, _CAPTION, _PALE)]
    width = max(text_size(text, size)[0] for text, size, _ in lines)
    band = Image.new("RGB", (width + 1, 2 * _TITLE + 6), _PAPER)
    draw = ImageDraw.Draw(band)
    draw.text((0, 0), page.title, fill=_INK, font=font(_TITLE))
    draw.text((0, _TITLE + 10), page.notes, fill=_PALE, font=font(_CAPTION))
    return band


def _band(row: Row, height: int) -> Image.Image:
    """A heading, the pictures, their captions."""
    pictures = [_scaled(cell.image, height) for cell in row.cells]
    slots = [
        max(p.width, text_size(c.caption, _CAPTION)[0]) for p, c in zip(pictures, row.cells, strict=True)
    ]
    top = _HEADING + 8 if row.heading else 0
    foot = _CAPTION + 7 if any(cell.caption for cell in row.cells) else 0
    width = max(sum(slots) + _GAP * (len(slots) - 1), text_size(row.heading, _HEADING)[0])
    band = Image.new("RGB", (max(width, 1), top + height + foot), _PAPER)
    draw = ImageDraw.Draw(band)
    draw.text((0, 0), row.heading, fill=_INK, font=font(_HEADING))
    left = 0
    for picture, cell, slot in zip(pictures, row.cells, slots, strict=True):
        band.paste(picture, (left, top))
        draw.text((left, top + height + 3), cell.caption, fill=_PALE, font=font(_CAPTION))
        left += slot + _GAP
    return band


def _scaled(image: Image.Image, height: int) -> Image.Image:
    width = max(1, round(image.width * height / image.height))
    return image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)

"""CATER's ground from above: 6x6 cells of one unit, numbered from the corner where x and y are least."""

import math
from typing import Any

from PIL import Image, ImageDraw

from toto_bench.samples.show.sheet import font

CELLS = 6
_CELL = 56
"""Pixels."""
_COLOURS = {
    "gray": (120, 120, 120),
    "red": (190, 50, 50),
    "blue": (50, 90, 200),
    "green": (40, 130, 50),
    "brown": (140, 85, 40),
    "purple": (140, 50, 190),
    "cyan": (50, 190, 190),
    "yellow": (225, 205, 40),
    "gold": (200, 160, 40),
}
_SNITCH = (214, 150, 0)


def draw_map(cell: int, scene: list[dict[str, Any]], snitch: str) -> Image.Image:
    """The grid with a cell marked, and what the scene file says of the objects.

    Args:
        cell: its number, `6 * row + column`.
        scene: objects, each with shape, colour and locations by frame.
        snitch: the shape whose way is drawn.
    """
    image = Image.new("RGB", (CELLS * _CELL + 1, CELLS * _CELL + 1), (250, 250, 250))
    draw = ImageDraw.Draw(image)
    for number in range(CELLS * CELLS):
        left, top = number % CELLS * _CELL, (CELLS - 1 - number // CELLS) * _CELL
        fill = (255, 226, 120) if number == cell else None
        draw.rectangle((left, top, left + _CELL, top + _CELL), fill=fill, outline=(200, 200, 200))
        draw.text((left + 4, top + 3), str(number), fill=(100, 100, 100), font=font(20))
    for thing in sorted(scene, key=lambda thing: thing["shape"] == snitch):
        _draw_object(draw, thing, snitch)
    return image


def _draw_object(draw: ImageDraw.ImageDraw, thing: dict[str, Any], snitch: str) -> None:
    places = [_pixel(thing["locations"][frame]) for frame in sorted(thing["locations"], key=int)]
    x, y = places[-1]
    colour = _COLOURS.get(str(thing.get("color")), (90, 90, 90))
    if thing["shape"] == snitch:
        draw.line(places, fill=_SNITCH, width=3)
        draw.polygon(_star(x, y), fill=_SNITCH, outline=(0, 0, 0))
    elif thing["shape"] == "cone":
        draw.polygon([(x, y - 10), (x - 9, y + 8), (x + 9, y + 8)], fill=colour, outline=(0, 0, 0))
    elif thing["shape"] == "sphere":
        draw.ellipse((x - 8, y - 8, x + 8, y + 8), fill=colour, outline=(0, 0, 0))
    else:
        draw.rectangle((x - 8, y - 8, x + 8, y + 8), fill=colour, outline=(0, 0, 0))


def _pixel(location: list[float]) -> tuple[float, float]:
    return (location[0] + CELLS / 2) * _CELL, (CELLS / 2 - location[1]) * _CELL


def _star(x: float, y: float) -> list[tuple[float, float]]:
    turns = [(math.pi * point / 5, 13 if point % 2 == 0 else 5.5) for point in range(10)]
    return [(x + radius * math.sin(angle), y - radius * math.cos(angle)) for angle, radius in turns]

"""Cells of the ground: classes of places, and places for classes."""

import math

import numpy as np

HALF = 3.0
"""The ground is [-HALF, HALF)^2, in CATER's units."""
GRIDS = {"localize": 6, "localize_4x4": 4, "localize_8x8": 8}
"""Folder of lists to cells along each side."""
_CELLS = 36
_MARGIN = 0.12
"""Places of classes stay this far from the borders of cells of 6x6, and half as far from those of 8x8 and 4x4."""


def cell_of(x: float, y: float, side: int = 6) -> int:
    """The class of a place: `side * row + column`, counted from the corner where x and y are least."""
    scale, half = side / (2 * HALF), side // 2
    return side * (math.floor(y * scale) + half) + math.floor(x * scale) + half


def place_in(cell: int, rng: np.random.Generator) -> tuple[float, float]:
    """A random place in a cell of 6x6, not close to a border of any grid."""
    return _coordinate(cell % 6, rng), _coordinate(cell // 6, rng)


def cell_to_end_in(seed: int, index: int, train: int, val: int) -> int:
    """The cell in which the snitch of a video ends; a round has few of them, so that train and val share them.

    There are as many as videos of val, each once in val and evenly in train; the next round has others.

    Args:
        seed: of the order of cells; 35 is the first, so that every scale has the highest class.
        index: of the video; each round is `train` videos, then `val`.
        train: videos of one round.
        val: videos of one round.
    """
    order = np.random.default_rng(seed).permutation(_CELLS - 1).tolist()
    order = [_CELLS - 1, *order]
    turn, place = divmod(index, train + val)
    return int(order[(turn * val + (place - train) % val) % _CELLS])


def _coordinate(column: int, rng: np.random.Generator) -> float:
    while True:
        value = column - HALF + float(rng.uniform(_MARGIN, 1 - _MARGIN))
        if abs(value / 0.75 - round(value / 0.75)) * 0.75 >= _MARGIN / 2:
            return value

"""Cells of the ground, and the class of a scene, as the official generator of labels makes them.

Source: rohitgirdhar/CATER, commit 13a19643, `gen_train_test.py`. The ground is [-3, 3)^2; classes are counted along x
first, from the corner where x and y are least.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from toto_bench.tasks.cater.errors import SceneError

HALF = 3
"""Half the side of the ground, in units of the scene."""
SNITCH = "spl"
"""Shape of the snitch in scene files: three intertwined golden tori."""


class Cell(NamedTuple):
    """A cell of the grid; outside of it for a class beyond."""

    row: int
    """Along y."""
    column: int
    """Along x."""


def cell_of(x: float, y: float, grid: int = 6) -> int:
    """The class of a place: `grid * row + column`. Places beyond the ground are not clipped, as in the official code.

    Args:
        x: in units of the scene.
        y: in units of the scene.
        grid: cells along each side; even.
    """
    half = grid // 2
    scale = half / HALF
    return (math.floor(y * scale) + half) * grid + math.floor(x * scale) + half


def row_and_column(cell: int, grid: int = 6) -> Cell:
    """Where a class lies."""
    return Cell(*divmod(cell, grid))


def corners_of(cell: int, grid: int = 6) -> list[tuple[float, float]]:
    """The four corners (x, y) of a cell on the ground, one after the other around it."""
    row, column = row_and_column(cell, grid)
    side = 2 * HALF / grid
    left, low = column * side - HALF, row * side - HALF
    return [(left, low), (left + side, low), (left + side, low + side), (left, low + side)]


def snitch_path(scene: Mapping[str, Any]) -> list[tuple[float, float, float]]:
    """Places of the snitch, in the order of frames; the last one is after the last frame.

    Raises:
        SceneError: there is no snitch, or it has no places.
    """
    try:
        snitch = next(thing for thing in scene["objects"] if thing["shape"] == SNITCH)
        places = snitch["locations"]
        path = [tuple(float(value) for value in places[str(frame)]) for frame in range(len(places))]
        found = [(x, y, z) for x, y, z in path]
    except StopIteration as error:
        raise SceneError(f"no object has the shape `{SNITCH}`") from error
    except (KeyError, TypeError, ValueError) as error:
        raise SceneError(f"it is not laid out as a CATER scene ({type(error).__name__}: {error})") from error
    if not found:
        raise SceneError("the snitch has no places")
    return found


def label_of_scene(scene: Mapping[str, Any], grid: int = 6) -> int:
    """The class of a scene: the cell of the snitch's last place.

    Raises:
        SceneError: the scene does not say it.
    """
    x, y, _ = snitch_path(scene)[-1]
    return cell_of(x, y, grid)


def read_scene(path: Path) -> dict[str, Any]:
    """A scene file.

    Raises:
        SceneError: it cannot be read, or is no JSON object.
    """
    try:
        scene = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SceneError(
            f"{path} cannot be read as a scene file ({error}). Restore it, or remove it."
        ) from error
    if not isinstance(scene, dict):
        raise SceneError(f"{path} is not a scene file: it holds no object. Restore it, or remove it.")
    return scene

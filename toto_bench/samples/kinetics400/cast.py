"""Who plays in a clip: the same kinds of things in every class, so that none of them tells it."""

from typing import NamedTuple

import numpy as np

from toto_bench.samples.world.furnishing import random_look
from toto_bench.samples.world.paths import Point, Quaternion, product, turned
from toto_bench.samples.world.scene import Item, Look

Place = tuple[float, float]
ROUND = ("sphere", "cylinder", "capsule")
BLOCKS = ("box", "hexagon", "prism", "corner", "pyramid")
_BOLD = ("checks", "stripes", "dots", "spots", "bricks", "zigzag")
"""Patterns on which turning is seen."""


class Roller(NamedTuple):
    """A round thing that lies so that it can roll in one direction."""

    shape: str
    size: Point
    radius: float
    """Its centre's height above the table."""
    direction: tuple[float, float]
    """Unit vector in the table's plane in which it rolls, or against it."""
    look: Look

    def rotation(self, rolled: float = 0.0) -> Quaternion:
        """After rolling so many metres along the direction."""
        x, y = self.direction
        lying = turned((x, y, 0.0), np.pi / 2)
        return product(turned((-y, x, 0.0), rolled / self.radius), lying)

    def item(self, name: str, place: Place, height: float | None = None) -> Item:
        """Lying on the table, or held still with its centre in a height; it touches nothing."""
        return Item(
            name,
            self.shape,
            self.size,
            (*place, self.radius if height is None else height),
            look=self.look,
            rotation=self.rotation(),
            movable=False,
            solid=False,
        )


def random_roller(rng: np.random.Generator, direction: tuple[float, float]) -> Roller:
    """Of any round shape, 12 to 15 cm across."""
    shape = str(rng.choice(ROUND))
    radius = float(rng.uniform(0.06, 0.075))
    length = {"sphere": 1.0, "cylinder": rng.uniform(0.8, 1.1), "capsule": rng.uniform(1.35, 1.6)}[shape]
    size = (radius, radius, radius * float(length))
    return Roller(shape, size, radius, direction, random_look(rng, kinds=_BOLD))


def random_block(rng: np.random.Generator, name: str, place: Place) -> Item:
    """Scenery that nothing moves: on the table, or held in the air."""
    size = rng.uniform(0.025, 0.06, 3)
    x, y, z = (float(value) for value in size)
    shape = str(rng.choice((*BLOCKS, *ROUND)))
    if shape == "capsule":
        z += x
    height = z if rng.random() < 0.6 else float(rng.uniform(0.12, 0.35))
    return Item(
        name,
        shape,
        (x, x if shape in ROUND else y, x if shape == "sphere" else z),
        (*place, height),
        look=random_look(rng),
        rotation=turned((0.0, 0.0, 1.0), float(rng.uniform(0, 2 * np.pi))),
        movable=False,
        solid=False,
    )


def cover_over(rng: np.random.Generator, rollers: tuple[Roller, ...], place: Place) -> Item:
    """A standing cup or cone that hides any of them; the corners of a cylinder would look out of a cone."""
    radius = 1.4 * max(max(roller.size) for roller in rollers)
    half = 1.55 * max(roller.radius for roller in rollers)
    cylinder = any(roller.shape == "cylinder" for roller in rollers)
    shape = "cup" if cylinder else str(rng.choice(("cup", "cover")))
    size = (radius, radius, half)
    return Item("cover", shape, size, (*place, half), look=random_look(rng), movable=False, solid=False)

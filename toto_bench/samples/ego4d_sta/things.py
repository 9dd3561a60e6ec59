"""What stands on the table: kinds of things (the nouns), several of a kind."""

from typing import NamedTuple

import numpy as np

from toto_bench.samples.world.furnishing import random_look, scatter
from toto_bench.samples.world.paths import turned
from toto_bench.samples.world.scene import Item

_EXTENT = (0.34, 0.21)
_MIDDLE_Y = 0.1
_LIDDED = ("jar", "pot")
_UP = (0.0, 0.0, 1.0)


class Kind(NamedTuple):
    """A kind of things."""

    shape: str
    """Of the sample world."""
    size: tuple[float, float, float]
    """Half extents in metres."""
    verbs: tuple[str, ...]
    """What is done to it; of the first ones together, every verb is the first of two kinds."""


KINDS = {
    "ball": Kind("sphere", (0.045, 0.045, 0.045), ("push", "pick")),
    "block": Kind("box", (0.04, 0.04, 0.04), ("turn", "pick")),
    "bowl": Kind("bowl", (0.06, 0.06, 0.035), ("push", "turn")),
    "can": Kind("cylinder", (0.036, 0.036, 0.055), ("turn", "pick")),
    "jar": Kind("hexagon", (0.045, 0.045, 0.045), ("open", "push")),
    "mug": Kind("mug", (0.055, 0.055, 0.045), ("pick", "push")),
    "pot": Kind("bowl", (0.055, 0.055, 0.045), ("open", "push")),
    "star": Kind("star", (0.055, 0.055, 0.022), ("pick", "turn")),
}
"""Nouns, in the order of their ids."""
VERBS = ("open", "pick", "push", "turn")
"""In the order of their ids."""


class Thing(NamedTuple):
    """One of them."""

    noun: str
    parts: tuple[Item, ...]
    """Jars and pots have a lid as their second item."""

    @property
    def place(self) -> tuple[float, float]:
        """Where it stands."""
        return self.parts[0].position[:2]

    @property
    def radius(self) -> float:
        """Of the circle in which it stands."""
        return max(self.parts[0].size[:2])

    @property
    def height(self) -> float:
        """Of its top above the table."""
        top = self.parts[-1]
        return top.position[2] + top.size[2]


def some_things(noun: str, rng: np.random.Generator) -> list[Thing]:
    """Two or three of a noun, the first of which is meant; and two of each of two other nouns."""
    others = rng.choice([kind for kind in KINDS if kind != noun], 2, replace=False).tolist()
    nouns = [noun] * int(rng.integers(2, 4)) + others * 2
    scales = rng.uniform(0.85, 1.15, len(nouns))
    radii = [max(KINDS[name].size[:2]) * scale + 0.03 for name, scale in zip(nouns, scales, strict=True)]
    places = scatter(rng, radii, _EXTENT)
    return [
        _thing(name, number, float(scale), place, rng)
        for number, (name, scale, place) in enumerate(zip(nouns, scales, places, strict=True))
    ]


def _thing(
    noun: str, number: int, scale: float, place: tuple[float, float], rng: np.random.Generator
) -> Thing:
    kind = KINDS[noun]
    x, y, z = (scale * half for half in kind.size)
    position = (place[0], place[1] + _MIDDLE_Y, z)
    rotation = turned(_UP, float(rng.uniform(0, 2 * np.pi)))
    look = random_look(rng)
    body = Item(
        f"{noun}{number}", kind.shape, (x, y, z), position, look, rotation, friction=0.5, rolling=0.004
    )
    if noun not in _LIDDED:
        return Thing(noun, (body,))
    thickness = 0.014
    above = (position[0], position[1], 2 * z + thickness + 0.001)
    lid = Item(
        f"{noun}{number} lid", "cone", (x * 1.02, y * 1.02, thickness), above, look, rotation, friction=0.5
    )
    return Thing(noun, (body, lid))

"""Scenes with one thing of a class."""

from typing import NamedTuple

import numpy as np

from toto_bench.samples.world.furnishing import random_lights, random_look, random_surroundings
from toto_bench.samples.world.paths import Point, Quaternion, still, turned
from toto_bench.samples.world.scene import Camera, Item, Scene


class Kind(NamedTuple):
    """A class of things."""

    shape: str
    """Of the sample world."""
    size: Point
    """Half extents, the largest about 1."""


CLASSES = {
    "arch": Kind("arch", (1.0, 0.45, 0.75)),
    "ball": Kind("sphere", (0.85, 0.85, 0.85)),
    "box": Kind("box", (0.8, 0.7, 0.7)),
    "cone": Kind("cone", (0.75, 0.75, 1.0)),
    "cross": Kind("cross", (1.0, 1.0, 0.3)),
    "dumbbell": Kind("dumbbell", (1.3, 0.42, 0.42)),
    "mug": Kind("mug", (0.95, 0.95, 0.8)),
    "ring": Kind("torus", (1.0, 1.0, 0.3)),
    "snowman": Kind("snowman", (0.75, 0.75, 1.1)),
    "star": Kind("star", (1.1, 1.1, 0.3)),
}
"""Folder to class, in the order of the indices."""
CLUTTER = ("capsule", "corner", "cylinder", "hexagon", "prism")
"""Shapes that stand about and are no class."""
_RADIUS = 0.1
_ROLLING = 0.05
_UP = (0.0, 0.0, 1.0)


def build_scene(kind: str, rng: np.random.Generator) -> Scene:
    """One thing of a class in another room, light and view each time, with clutter around and perhaps before it."""
    radius = _RADIUS * float(rng.uniform(0.85, 1.2))
    thing = _thing(kind, radius, rng)
    angle = float(rng.uniform(0, 2 * np.pi))
    clutter = _clutter(rng, radius, angle)
    return Scene(
        items=(thing,),
        clutter=clutter,
        camera=_camera(rng, radius, angle),
        lights=random_lights(rng, moving=False),
        surroundings=random_surroundings(rng),
    )


def _thing(kind: str, radius: float, rng: np.random.Generator) -> Item:
    """Dropped from a finger's breadth: upright as a rule, else turned any way."""
    shape, size = CLASSES[kind]
    scale = radius * rng.uniform(0.88, 1.12, 3)
    if len({*size}) < 3:
        scale[1] = scale[0]
    x, y, z = (float(a * b) for a, b in zip(size, scale, strict=True))
    tumbled = rng.random() < 0.35
    rotation = _any_rotation(rng) if tumbled else turned(_UP, float(rng.uniform(0, 2 * np.pi)))
    height = max(x, y, z) if tumbled else z
    return Item(
        kind,
        shape,
        (x, y, z),
        (0.0, 0.0, height + 0.01),
        look=random_look(rng),
        rotation=rotation,
        friction=0.9,
        rolling=_ROLLING,
    )


def _clutter(rng: np.random.Generator, radius: float, angle: float) -> tuple[Item, ...]:
    """Small things around; in every second picture one stands between the camera and the thing and hides some of it."""
    count = int(rng.integers(1, 5))
    places = [(float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(2.4, 5.0)) * radius) for _ in range(count)]
    if rng.random() < 0.5:
        aside = float(rng.choice((-1, 1)) * rng.uniform(0.35, 0.6))
        places[0] = (angle + aside, float(rng.uniform(1.7, 2.2)) * radius)
    items: list[Item] = []
    for index, (around, away) in enumerate(places):
        x, y, z = (float(value) for value in radius * rng.uniform(0.3, 0.75, 3))
        shape = str(rng.choice(CLUTTER))
        items.append(
            Item(
                f"clutter{index}",
                shape,
                (
                    x,
                    x if shape in {"capsule", "cylinder"} else y,
                    max(z, 1.2 * x) if shape == "capsule" else z,
                ),
                (away * np.cos(around), away * np.sin(around), max(x, y, z) + 0.01),
                look=random_look(rng),
                rotation=turned(_UP, float(rng.uniform(0, 2 * np.pi))),
                rolling=_ROLLING,
            )
        )
    return tuple(items)


def _camera(rng: np.random.Generator, radius: float, angle: float) -> Camera:
    """From any side and height, near or far, the thing seldom in the middle."""
    rise, distance = float(rng.uniform(0.3, 1.05)), float(rng.uniform(0.55, 1.0))
    position = (
        distance * float(np.cos(rise) * np.cos(angle)),
        distance * float(np.cos(rise) * np.sin(angle)),
        distance * float(np.sin(rise)) + radius,
    )
    shift = rng.uniform(-0.09, 0.09, 3) * distance
    target = (float(shift[0]), float(shift[1]), float(shift[2]) + 0.6 * radius)
    return Camera(still(position), still(target), float(rng.uniform(32, 44)))


def _any_rotation(rng: np.random.Generator) -> Quaternion:
    w, x, y, z = rng.normal(size=4)
    length = float(np.linalg.norm((w, x, y, z)))
    return float(w / length), float(x / length), float(y / length), float(z / length)

"""What all sequences have in common: things behind, a room, lamps that move."""

from dataclasses import replace

import numpy as np

from toto_bench.samples.world.furnishing import random_surroundings
from toto_bench.samples.world.paths import Point, orbit, still
from toto_bench.samples.world.scene import Camera, Item, Light, Look, Scene

SPIN = 2.5
"""Radians per second."""
AMBIENT = 0.22
"""Share of light that comes from everywhere."""


def clutter_of(rng: np.random.Generator, looks: list[Look], y: float) -> tuple[Item, ...]:
    """Things in the background, side by side."""
    shapes = rng.choice(["box", "cylinder", "cone", "sphere", "pyramid", "hexagon"], len(looks))
    places = np.linspace(-0.5, 0.5, len(looks)) + rng.uniform(-0.08, 0.08, len(looks))
    sizes = rng.uniform(0.06, 0.1, len(looks))
    return tuple(
        Item(f"clutter{i}", str(shape), (float(size),) * 3, (float(x), y, float(size)), look)
        for i, (shape, x, size, look) in enumerate(zip(shapes, places, sizes, looks, strict=True))
    )


def in_a_room(
    rng: np.random.Generator, items: tuple[Item, ...], clutter: tuple[Item, ...], camera: Camera
) -> Scene:
    """The scene in a room of its own, rather dark, so that lamps change what things look like."""
    room = replace(random_surroundings(rng), ambient=AMBIENT)
    return Scene(items, clutter, camera, _lights(rng), room)


def turning(index: int) -> Point:
    """About the vertical, neighbours against each other: other sides are seen in other light."""
    return 0.0, 0.0, SPIN * (-1) ** index


def _lights(rng: np.random.Generator) -> tuple[Light, Light]:
    """A lamp that goes around, so fast that every side changes its brightness, and a weak one that dims and grows."""
    warmth, level = float(rng.uniform(-0.12, 0.12)), float(rng.uniform(0.7, 0.9))
    angle, phase = (float(value) for value in rng.uniform(0, 2 * np.pi, 2))
    turn, rate = float(rng.choice([-1, 1]) * rng.uniform(1.2, 1.8)), float(rng.uniform(2.5, 4))
    return (
        Light(orbit((0.0, 0.0, 0.0), 1.0, 1.2, angle, turn), colour=(level + warmth, level, level - warmth)),
        Light(
            still((float(rng.uniform(-1, 1)), -1.0, 1.5)),
            colour=(0.35 - warmth, 0.35, 0.35 + warmth),
            brightness=lambda time: 1 + 0.8 * float(np.sin(rate * time + phase)),
        ),
    )

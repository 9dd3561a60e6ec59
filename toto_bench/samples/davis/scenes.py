"""The kinds of sequences: what moves, what hides what, what looks like what, and how the camera moves."""

from collections.abc import Callable

import numpy as np

from toto_bench.samples.davis.setting import clutter_of, in_a_room, turning
from toto_bench.samples.world.furnishing import (
    random_look,
    scatter,
    similar_look,
)
from toto_bench.samples.world.paths import led, orbit, still, swaying, through, turned
from toto_bench.samples.world.scene import Camera, Item, Scene

_UP = (0.0, 0.0, 1.0)


def crossing(rng: np.random.Generator) -> Scene:
    """Two boxes of almost the same look turn and slide past each other, the one in front, among more of that look."""
    look = random_look(rng)
    other = similar_look(look, rng)
    size = (0.09, 0.07, 0.1)
    front = Item(
        "front",
        "box",
        size,
        (-0.4, -0.16, 0.1),
        look,
        velocity=(0.5, 0.02, 0),
        spin=turning(0),
        friction=0.02,
    )
    back = Item(
        "back", "box", size, (0.36, 0.1, 0.1), other, velocity=(-0.45, 0, 0), spin=turning(1), friction=0.02
    )
    clutter = clutter_of(rng, [similar_look(look, rng), random_look(rng), random_look(rng)], y=0.42)
    camera = Camera(
        swaying(through((0.0, (-0.12, -0.95, 0.45)), (1.7, (0.2, -0.8, 0.55))), 0.03, rng),
        swaying(still((0.0, 0.0, 0.08)), 0.02, rng),
    )
    return in_a_room(rng, (front, back), clutter, camera)


def rolling(rng: np.random.Generator) -> Scene:
    """Three balls, two of them alike, roll behind pillars and into each other; the camera goes along."""
    look = random_look(rng)
    looks = (look, similar_look(look, rng), random_look(rng))
    balls = tuple(
        Item(
            f"ball{i}",
            "sphere",
            (radius,) * 3,
            (x, y, radius),
            looks[i],
            velocity=(speed, 0.0, 0.0),
            spin=(0.0, speed / radius, 0.0),
            bounce=0.6,
        )
        for i, (radius, x, y, speed) in enumerate(
            [(0.09, -0.45, 0.0, 0.55), (0.09, 0.1, 0.02, 0.05), (0.11, 0.5, 0.25, -0.5)]
        )
    )
    pillars = tuple(
        Item(f"pillar{i}", "cylinder", (0.035, 0.035, 0.2), (x, -0.2, 0.2), random_look(rng), movable=False)
        for i, x in enumerate((-0.2, 0.24))
    )
    camera = Camera(
        swaying(through((0.0, (-0.15, -0.95, 0.4)), (1.7, (0.25, -0.9, 0.5))), 0.03, rng),
        through((0.0, (-0.12, 0.0, 0.1)), (1.7, (0.2, 0.0, 0.08))),
    )
    return in_a_room(
        rng, balls, pillars + clutter_of(rng, [random_look(rng), similar_look(look, rng)], y=0.45), camera
    )


def tumble(rng: np.random.Generator) -> Scene:
    """A ball knocks over a tower of three; they fall apart and hide each other."""
    x = 0.05
    tower = (
        Item("base", "cylinder", (0.1, 0.1, 0.07), (x, 0.0, 0.07), random_look(rng), friction=0.4),
        Item(
            "middle",
            "box",
            (0.08, 0.08, 0.08),
            (x, 0.0, 0.22),
            random_look(rng),
            spin=turning(1),
            friction=0.4,
        ),
        Item("top", "cone", (0.08, 0.08, 0.09), (x, 0.0, 0.39), random_look(rng), friction=0.4),
    )
    radius = 0.085
    ball = Item(
        "ball",
        "sphere",
        (radius,) * 3,
        (-0.4, float(rng.uniform(-0.03, 0.03)), 0.16),
        random_look(rng),
        velocity=(1.4, 0.0, 1.6),
        density=2500.0,
        bounce=0.3,
    )
    camera = Camera(
        swaying(orbit((0.0, 0.0, 0.0), 1.0, 0.45, -1.75, 0.25), 0.03, rng),
        swaying(still((0.08, 0.0, 0.14)), 0.02, rng),
    )
    return in_a_room(
        rng, (*tower, ball), clutter_of(rng, [random_look(rng) for _ in range(3)], y=0.4), camera
    )


def around(rng: np.random.Generator) -> Scene:
    """The camera goes around three things, one of them nudged aside; they hide each other in turn."""
    look = random_look(rng)
    items = (
        Item(
            "mug",
            "mug",
            (0.12, 0.12, 0.1),
            (-0.17, -0.05, 0.1),
            look,
            turned(_UP, float(rng.uniform(0, 6))),
            spin=turning(0),
        ),
        Item(
            "arch",
            "arch",
            (0.12, 0.06, 0.11),
            (0.17, -0.02, 0.11),
            random_look(rng),
            turned(_UP, 0.5),
            velocity=(-0.25, 0.4, 0.0),
            spin=turning(1),
            friction=0.08,
        ),
        Item(
            "star",
            "star",
            (0.12, 0.12, 0.05),
            (0.0, 0.2, 0.05),
            similar_look(look, rng, 0.25),
            spin=(0.0, 0.0, 2.0),
            friction=0.05,
        ),
    )
    clutter = clutter_of(rng, [random_look(rng) for _ in range(3)], y=0.45)
    camera = Camera(
        orbit((0.0, 0.0, 0.0), 0.85, 0.5, -2.0, 0.6), swaying(still((0.0, 0.04, 0.05)), 0.02, rng)
    )
    return in_a_room(rng, items, clutter, camera)


def pushed(rng: np.random.Generator) -> Scene:
    """A rod pushes two things past a screen that hides half of the way."""
    items = (
        Item("torus", "torus", (0.12, 0.12, 0.045), (-0.3, 0.02, 0.045), random_look(rng), friction=0.3),
        Item("hexagon", "hexagon", (0.09, 0.09, 0.09), (-0.06, 0.06, 0.09), random_look(rng), friction=0.3),
    )
    rod = Item(
        "rod",
        "capsule",
        (0.03, 0.03, 0.25),
        (-0.5, 0.04, 0.27),
        random_look(rng),
        path=led(through((0.0, (-0.5, 0.04, 0.27)), (1.7, (0.2, 0.04, 0.27)))),
        movable=False,
    )
    screen = Item("screen", "box", (0.06, 0.02, 0.13), (0.0, -0.2, 0.13), random_look(rng), movable=False)
    clutter = (rod, screen, *clutter_of(rng, [random_look(rng) for _ in range(3)], y=0.42))
    camera = Camera(
        swaying(through((0.0, (0.1, -0.85, 0.5)), (1.7, (-0.15, -0.95, 0.4))), 0.04, rng),
        swaying(still((-0.05, 0.0, 0.08)), 0.02, rng),
    )
    return in_a_room(rng, items, clutter, camera)


def falling(rng: np.random.Generator) -> Scene:
    """One of several look-alikes is thrown, bounces through the others and partly out of the picture."""
    look = random_look(rng)
    item = Item(
        "thrown",
        "rings",
        (0.1, 0.1, 0.1),
        (-0.42, 0.0, 0.35),
        look,
        velocity=(0.7, -0.06, 0.3),
        spin=(1.0, 3.0, 0.5),
        bounce=0.7,
    )
    places = scatter(rng, [0.09] * 4, (0.5, 0.17), ((-0.42, -0.25, 0.2),))
    alike = tuple(
        Item(f"alike{i}", "sphere", (0.08,) * 3, (x, y + 0.28, 0.08), similar_look(look, rng))
        for i, (x, y) in enumerate(places)
    )
    camera = Camera(
        swaying(through((0.0, (-0.1, -1.05, 0.45)), (1.7, (-0.05, -0.85, 0.4))), 0.03, rng),
        swaying(still((-0.05, 0.05, 0.12)), 0.02, rng),
    )
    return in_a_room(rng, (item,), alike, camera)


SCENES: dict[str, Callable[[np.random.Generator], Scene]] = {
    "around": around,
    "crossing": crossing,
    "falling": falling,
    "pushed": pushed,
    "rolling": rolling,
    "tumble": tumble,
}
"""Kinds of sequences, in the order of their making."""

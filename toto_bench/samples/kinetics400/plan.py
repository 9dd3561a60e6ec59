"""What all clips have in common, drawn in the same way for every class: places, things, room, lights and camera."""

from dataclasses import dataclass

import numpy as np

from toto_bench.samples.kinetics400.cast import Roller, random_block, random_roller
from toto_bench.samples.world.furnishing import (
    random_lights,
    random_look,
    random_surroundings,
    scatter,
)
from toto_bench.samples.world.paths import Point, evenly, still, swaying
from toto_bench.samples.world.scene import Camera, Item, Light, Look, Surroundings

Place = tuple[float, float]
_ROOM = (0.42, 0.3)
_COVER_ROOM = 0.15
_BLOCK_ROOM = 0.07


@dataclass(frozen=True)
class Plan:
    """A clip before anything moves."""

    near: Place
    """One end of the lane."""
    far: Place
    """The other end, farther from the camera."""
    spot: Place
    """Somewhere on the lane."""
    actor: Roller
    """What moves, or is covered."""
    twin: Roller
    """Its companion, which is hit or lies still."""
    beside: Place
    """Where the twin lies still."""
    cover: Item
    """A hollow cup or cone, standing or held in the air where nothing else is."""
    blocks: tuple[Item, ...]
    """Scenery."""
    aloft: float
    """Height above the table of what is held in the air."""
    camera: Camera
    lights: tuple[Light, ...]
    surroundings: Surroundings


def draw_plan(rng: np.random.Generator) -> Plan:
    """A clip of any class."""
    slant, length = float(rng.uniform(-0.6, 0.6)), float(rng.uniform(0.24, 0.34))
    direction = (float(np.sin(slant)), float(np.cos(slant)))
    middle = (float(rng.uniform(-0.15, 0.15)), float(rng.uniform(-0.06, 0.06)))
    near, far = (along(middle, direction, sign * length / 2) for sign in (-1, 1))
    actor, twin = random_roller(rng, direction), random_roller(rng, direction)
    lane = tuple((*along(near, direction, length * step / 4), 0.12) for step in range(-1, 6))
    count = int(rng.integers(1, 4))
    cover_place, beside, *places = scatter(
        rng, [_COVER_ROOM, max(twin.size) + 0.01, *[_BLOCK_ROOM] * count], _ROOM, lane
    )
    return Plan(
        near=near,
        far=far,
        spot=along(near, direction, length * float(rng.uniform(0, 1))),
        actor=actor,
        twin=twin,
        beside=beside,
        cover=_cover(rng, actor, cover_place),
        blocks=tuple(random_block(rng, f"block{i}", place) for i, place in enumerate(places)),
        aloft=float(rng.uniform(0.2, 0.3)),
        camera=_camera(rng),
        lights=random_lights(rng),
        surroundings=random_surroundings(rng),
    )


def along(start: Place, direction: Place, metres: float) -> Place:
    """A place so far from another."""
    return start[0] + direction[0] * metres, start[1] + direction[1] * metres


def _cover(rng: np.random.Generator, actor: Roller, place: Place) -> Item:
    """So large that it hides the actor; the corners of a cylinder would look out of a cone."""
    radius, half = 1.5 * max(actor.size), 1.6 * actor.radius
    height = half if rng.random() < 0.5 else half + float(rng.uniform(0.15, 0.3))
    look: Look = random_look(rng)
    shape = "cup" if actor.shape == "cylinder" else str(rng.choice(("cup", "cover")))
    size: Point = (radius, radius, half)
    return Item("cover", shape, size, (*place, height), look=look, movable=False, solid=False)


def _camera(rng: np.random.Generator) -> Camera:
    """In front, somewhat from one side, drifting slowly."""
    side, rise = float(rng.uniform(-0.35, 0.35)), float(rng.uniform(0.55, 0.85))
    distance = float(rng.uniform(1.1, 1.3))
    start = (
        distance * float(np.cos(rise) * np.sin(side)),
        -distance * float(np.cos(rise) * np.cos(side)),
        distance * float(np.sin(rise)),
    )
    drift = (
        float(rng.uniform(-0.04, 0.04)),
        float(rng.uniform(-0.02, 0.02)),
        float(rng.uniform(-0.02, 0.02)),
    )
    target = (float(rng.uniform(-0.05, 0.05)), float(rng.uniform(-0.03, 0.03)), 0.08)
    return Camera(swaying(evenly(start, drift), 0.02, rng), still(target), float(rng.uniform(34, 40)))

"""What all clips have in common, drawn in the same way for every class: places, things, room, lights and camera."""

from dataclasses import dataclass

import numpy as np

from toto_bench.samples.kinetics400.cast import Place, Roller, cover_over, random_block, random_roller
from toto_bench.samples.world.furnishing import random_lights, random_surroundings, scatter
from toto_bench.samples.world.paths import evenly, still, swaying
from toto_bench.samples.world.scene import Camera, Item, Light, Surroundings

_ROOM = (0.42, 0.3)
_LANE_ROOM = 0.1
_COVER_ROOM = 0.15
_BLOCK_ROOM = 0.06
_TRIES = 50


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
    """Its companion, which is hit or stays still."""
    beside: Place
    """Where the twin stays: in half of the clips a little beyond an end of the lane, as if it were to be hit."""
    others: tuple[tuple[Roller, Place], ...]
    """Two more of their kind, which stay still."""
    cover: Item
    """A hollow cup or cone, standing where nothing else is."""
    hover: float
    """Height above the table of the cover's centre while it is held in the air."""
    aloft: float
    """Height above the table of what else is held in the air."""
    blocks: tuple[Item, ...]
    """Scenery."""
    camera: Camera
    lights: tuple[Light, ...]
    surroundings: Surroundings


def draw_plan(rng: np.random.Generator) -> Plan:
    """A clip of any class."""
    for _ in range(_TRIES - 1):
        try:
            return _draw(rng)
        except ValueError:  # no room for everything
            continue
    return _draw(rng)


def _draw(rng: np.random.Generator) -> Plan:
    slant, length = float(rng.uniform(-0.5, 0.5)), float(rng.uniform(0.22, 0.3))
    direction = (float(np.sin(slant)), float(np.cos(slant)))
    middle = (float(rng.uniform(-0.25, 0.25)), float(rng.uniform(-0.06, 0.14)))
    near, far = (along(middle, direction, sign * length / 2) for sign in (-1, 1))
    actor, twin, *others = (random_roller(rng, direction) for _ in range(4))
    taken = [(*along(near, direction, length * step / 4), _LANE_ROOM) for step in range(5)]
    in_line = _beyond(near, far, direction, actor.radius + twin.radius + float(rng.uniform(0.03, 0.1)))
    lined_up = rng.random() < 0.5
    if lined_up:
        taken.append((*in_line, _LANE_ROOM))
    rooms = [_COVER_ROOM, *[max(roller.size) for roller in (*others, twin)]]
    count = int(rng.integers(0, 3))
    cover_place, one, two, beside, *places = scatter(
        rng, [*rooms, *[_BLOCK_ROOM] * count], _ROOM, tuple(taken)
    )
    cover = cover_over(rng, (actor, *others), cover_place)
    return Plan(
        near=near,
        far=far,
        spot=along(near, direction, length * float(rng.uniform(0, 1))),
        actor=actor,
        twin=twin,
        beside=in_line if lined_up else beside,
        others=((others[0], one), (others[1], two)),
        cover=cover,
        hover=cover.size[2] + 2 * actor.radius + float(rng.uniform(0.08, 0.14)),
        aloft=float(rng.uniform(0.2, 0.3)),
        blocks=tuple(random_block(rng, f"block{i}", place) for i, place in enumerate(places)),
        camera=_camera(rng),
        lights=random_lights(rng),
        surroundings=random_surroundings(rng),
    )


def along(start: Place, direction: Place, metres: float) -> Place:
    """A place so far from another."""
    return start[0] + direction[0] * metres, start[1] + direction[1] * metres


def _beyond(near: Place, far: Place, direction: Place, metres: float) -> Place:
    """A place on the lane's line behind the end that is farther from the table's border."""
    return along(far, direction, metres) if near[1] + far[1] < 0 else along(near, direction, -metres)


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
    return Camera(swaying(evenly(start, drift), 0.02, rng), still(target), float(rng.uniform(36, 42)))

"""The eight motions: what a plan's actor, twin and cover do."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from toto_bench.samples.kinetics400.bystanders import bystanders
from toto_bench.samples.kinetics400.plan import Plan, along, draw_plan
from toto_bench.samples.world.paths import Curve, Point, Pose, led, still, through
from toto_bench.samples.world.scene import Item, Scene

SECONDS = 2.5
GRAVITY = 3.0
"""Less than on Earth: a fall has to last for several of the frames that are looked at."""
_SPRINGY = 0.85
_SPEED = (0.45, 0.55)
"""Of what is going to hit, in m/s."""
_CLICK = 0.3
"""Share of the speed that is left between things that hit each other."""
_FRICTION = 0.2
_ROLLING = 0.025
_VOLUME = 0.067**3
"""Of half extents: things that hit each other have about the same mass, or a small one would fly off."""
_LET_GO = 0.005
"""Metres before the actor touches the twin."""


def build_scene(label: str, rng: np.random.Generator) -> Scene:
    """A clip of a class."""
    plan = draw_plan(rng)
    actors = MOTIONS[label](plan, rng)
    playing = {item.name for item in actors}
    rest = bystanders(plan, playing, rng, falls=label in _FALLS)
    return Scene(
        items=(*actors, *rest, *plan.blocks),
        camera=plan.camera,
        lights=plan.lights,
        surroundings=plan.surroundings,
        gravity=GRAVITY,
    )


def _slide(plan: Plan, rng: np.random.Generator, *, away: bool) -> list[Item]:
    """Along the lane, without turning."""
    return [_led(plan, _travel(plan, rng, away))]


def _roll(plan: Plan, rng: np.random.Generator) -> list[Item]:
    """The same travels, either way, turning as a wheel does."""
    curve, actor = _travel(plan, rng, bool(rng.random() < 0.5)), plan.actor
    start = np.array(plan.near)

    def path(time: float) -> Pose:
        place = curve(time)
        return Pose(place, actor.rotation(float((np.array(place[:2]) - start) @ np.array(actor.direction))))

    return [replace(_led(plan, curve), path=path)]


def _drop(plan: Plan, rng: np.random.Generator, *, bounce: float, latest: float) -> list[Item]:
    """Held in the air, then let go."""
    held = still((*plan.spot, plan.actor.radius + plan.aloft))
    item = _led(plan, held, until=float(rng.uniform(0.1, latest)))
    return [replace(item, movable=True, solid=True, bounce=bounce, rolling=0.02)]


def _collide(plan: Plan, rng: np.random.Generator) -> list[Item]:
    """The actor slides against the twin, which lies in its way and is driven on."""
    away = bool(rng.random() < 0.5)
    start, sign = (plan.near, 1.0) if away else (plan.far, -1.0)
    x, y = plan.actor.direction
    direction, height = (sign * x, sign * y), plan.actor.radius
    gap, speed = float(rng.uniform(0.1, 0.18)), float(rng.uniform(*_SPEED))
    begin = float(rng.uniform(0.1, 1.2))

    def curve(time: float) -> Point:
        return (*along(start, direction, speed * max(time - begin, 0.0)), height)

    hitting = _led(plan, curve, until=begin + (gap - _LET_GO) / speed)
    hit = plan.twin.item("twin", along(start, direction, gap + plan.actor.radius + plan.twin.radius))
    return [_collidable(hitting), _collidable(hit)]


def _collidable(item: Item) -> Item:
    return replace(
        item,
        movable=True,
        solid=True,
        bounce=_CLICK,
        friction=_FRICTION,
        rolling=_ROLLING,
        density=item.density * _VOLUME / float(np.prod(item.size)),
    )


def _cover(plan: Plan, rng: np.random.Generator, *, back: bool) -> list[Item]:
    """The cover goes over the actor and comes down on it; or all that backwards."""
    (x, y, standing), hover = plan.cover.position, plan.hover
    begin, *lasting = rng.uniform((0.1, 0.25, 0.4, 0.4), (0.8, 0.35, 0.6, 0.6))
    times = [float(time) for time in np.cumsum([begin, *lasting])]
    beside = np.array(plan.spot) + rng.uniform(-0.1, 0.1, 2)
    first: Point = (x, y, standing)
    if rng.random() < 0.5:
        x, y = (float(value) for value in beside)
        first = (x, y, hover)
    goal = ((*plan.spot, hover), (*plan.spot, standing))
    down = through(*zip(times, (first, (x, y, hover), *goal), strict=True))
    curve: Curve = (lambda time: down(SECONDS - time)) if back else down
    resting = plan.actor.item("actor", plan.spot)
    return [resting, replace(plan.cover, position=curve(0.0), path=led(curve))]


def _travel(plan: Plan, rng: np.random.Generator, away: bool) -> Curve:
    """From one end of the lane to the other."""
    begin, lasting = float(rng.uniform(0.1, 0.8)), float(rng.uniform(1.1, 1.6))
    height = plan.actor.radius
    there = through((begin, (*plan.near, height)), (begin + lasting, (*plan.far, height)))
    return there if away else lambda time: there(SECONDS - time)


def _led(plan: Plan, curve: Curve, until: float = np.inf) -> Item:
    """The actor led by an invisible hand."""
    item = plan.actor.item("actor", plan.spot)
    return replace(item, position=curve(0.0), path=led(curve, lambda _: item.rotation, until))


MOTIONS: dict[str, Callable[[Plan, np.random.Generator], list[Item]]] = {
    "bouncing": partial(_drop, bounce=_SPRINGY, latest=0.5),
    "colliding": _collide,
    "covering": partial(_cover, back=False),
    "falling": partial(_drop, bounce=0.0, latest=1.6),
    "rolling": _roll,
    "sliding away": partial(_slide, away=True),
    "sliding nearer": partial(_slide, away=False),
    "uncovering": partial(_cover, back=True),
}
"""Label to motion, in the order of the class ids."""
_FALLS = ("bouncing", "falling")

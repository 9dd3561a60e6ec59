"""The eight motions: what a plan's actor, twin and cover do."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from toto_bench.samples.kinetics400.plan import Place, Plan, draw_plan
from toto_bench.samples.world.paths import Curve, Point, Pose, led, still, through
from toto_bench.samples.world.scene import Item, Scene

SECONDS = 2.5
GRAVITY = 3.0
"""Less than on Earth: a fall has to last for several of the frames that are looked at."""
_SPRINGY = 0.85
_SPEED = (0.4, 0.5)
_CLICK = 0.2
_FOLLOW = 0.006
"""Metres that the hand leads the actor on after it touches the twin, as in a stroke at billiards; there it stops."""


def build_scene(label: str, rng: np.random.Generator) -> Scene:
    """A clip of a class."""
    plan = draw_plan(rng)
    actors = MOTIONS[label](plan, rng)
    return Scene(
        items=(*actors, *plan.blocks),
        camera=plan.camera,
        lights=plan.lights,
        surroundings=plan.surroundings,
        gravity=GRAVITY,
    )


def _slide(plan: Plan, rng: np.random.Generator, *, away: bool) -> list[Item]:
    """Along the lane, without turning."""
    curve = _travel(plan, rng, away)
    return [_led(plan, curve), _still_twin(plan), plan.cover]


def _roll(plan: Plan, rng: np.random.Generator) -> list[Item]:
    """The same travels, either way, turning as a wheel does."""
    curve, actor = _travel(plan, rng, bool(rng.random() < 0.5)), plan.actor
    start = np.array(plan.near)

    def path(time: float) -> Pose:
        place = curve(time)
        return Pose(place, actor.rotation(float((np.array(place[:2]) - start) @ np.array(actor.direction))))

    item = replace(_led(plan, curve), path=path)
    return [item, _still_twin(plan), plan.cover]


def _drop(plan: Plan, rng: np.random.Generator, *, bounce: float, latest: float) -> list[Item]:
    """Held in the air, then let go."""
    held = still((*plan.spot, plan.actor.radius + plan.aloft))
    item = _led(plan, held, until=float(rng.uniform(0.1, latest)))
    item = replace(item, movable=True, solid=True, bounce=bounce, rolling=0.02)
    return [item, _still_twin(plan), plan.cover]


def _collide(plan: Plan, rng: np.random.Generator) -> list[Item]:
    """The actor slides against the twin, which lies in its way and slides on."""
    away = bool(rng.random() < 0.5)
    start, end = (plan.near, plan.far) if away else (plan.far, plan.near)
    direction = (np.array(end) - start) / np.linalg.norm(np.array(end) - start)
    gap = float(rng.uniform(0.1, 0.2))
    speed, begin = float(rng.uniform(*_SPEED)), float(rng.uniform(0.1, 0.8))
    first = np.array([*start, plan.actor.radius])

    def curve(time: float) -> Point:
        x, y = first[:2] + direction * min(speed * max(time - begin, 0.0), gap + _FOLLOW)
        return float(x), float(y), float(first[2])

    x, y = first[:2] + direction * (gap + plan.actor.radius + plan.twin.radius)
    hitting = replace(_led(plan, curve), solid=True, bounce=_CLICK)
    hit = replace(
        _still_twin(plan, (float(x), float(y))),
        movable=True,
        solid=True,
        friction=0.2,
        rolling=0.02,
        bounce=_CLICK,
    )
    return [hitting, hit, plan.cover]


def _cover(plan: Plan, rng: np.random.Generator, *, back: bool) -> list[Item]:
    """The cover goes over the actor and comes down on it; or all that backwards."""
    half = plan.cover.size[2]
    beside = np.array(plan.spot) + rng.uniform(-0.1, 0.1, 2)
    height = half + 2 * plan.actor.radius + float(rng.uniform(0.09, 0.15))
    begin, time_over, time_down = float(rng.uniform(0.1, 0.9)), *rng.uniform(0.4, 0.6, 2)
    over = begin + float(time_over)
    down = through(
        (begin, (float(beside[0]), float(beside[1]), height)),
        (over, (*plan.spot, height)),
        (over + float(time_down), (*plan.spot, half)),
    )
    curve: Curve = (lambda time: down(SECONDS - time)) if back else down
    resting = _led(plan, still((*plan.spot, plan.actor.radius)))
    cover = replace(plan.cover, position=curve(0.0), path=led(curve))
    return [resting, _still_twin(plan), cover]


def _travel(plan: Plan, rng: np.random.Generator, away: bool) -> Curve:
    """From one end of the lane to the other."""
    begin, lasting = float(rng.uniform(0.1, 0.8)), float(rng.uniform(1.1, 1.6))
    height = plan.actor.radius
    there = through((begin, (*plan.near, height)), (begin + lasting, (*plan.far, height)))
    return there if away else lambda time: there(SECONDS - time)


def _led(plan: Plan, curve: Curve, until: float = np.inf) -> Item:
    """The actor led by an invisible hand."""
    rotation, actor = plan.actor.rotation(), plan.actor
    path = led(curve, lambda _: rotation, until)
    return Item(
        "actor",
        actor.shape,
        actor.size,
        curve(0.0),
        look=actor.look,
        rotation=rotation,
        path=path,
        movable=False,
        solid=False,
    )


def _still_twin(plan: Plan, place: Place | None = None) -> Item:
    twin = plan.twin
    position = (*(place or plan.beside), twin.radius)
    return Item(
        "twin",
        twin.shape,
        twin.size,
        position,
        look=twin.look,
        rotation=twin.rotation(),
        movable=False,
        solid=False,
    )


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

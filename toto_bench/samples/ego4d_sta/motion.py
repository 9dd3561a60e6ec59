"""How the hand comes near and what it does then, one way for each verb."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from toto_bench.samples.ego4d_sta.hand import Grip
from toto_bench.samples.ego4d_sta.things import Thing
from toto_bench.samples.world.paths import Curve, Path, Point, led, through, turned

_FORWARD = np.pi / 2
_NEUTRAL = (_FORWARD, 0.45, 0.045)
_CLOSED = 0.002


class Motion(NamedTuple):
    """Of the hand, and of what it moves by gripping it."""

    tips: Curve
    grip: Grip
    item: str | None
    """Name of the item that goes along with the hand; None: physics decides."""
    path: Path | None
    """Of that item."""


class _When(NamedTuple):
    """Times in seconds."""

    start: float
    near: float
    touch: float
    end: float


def move(verb: str, target: Thing, touch: float, rng: np.random.Generator) -> Motion:
    """The hand waits, comes near, touches the target at about the time `touch`, and acts."""
    near = touch - float(rng.uniform(0.3, 0.6))
    start = float(rng.uniform(0.1, 0.7))
    origin = (
        float(rng.uniform(-0.14, 0.14)),
        float(rng.uniform(-0.32, -0.26)),
        float(rng.uniform(0.13, 0.19)),
    )
    return _MOTIONS[verb](target, _When(start, near, touch, touch + 0.55), origin, rng)


def _push(target: Thing, when: _When, origin: Point, rng: np.random.Generator) -> Motion:
    """Closed and low, from the side, and on."""
    x, y = target.place
    angle = float(np.arctan2(y - origin[1], x - origin[0]) + rng.uniform(-0.3, 0.3))
    ahead = np.array([np.cos(angle), np.sin(angle)])
    height = max(0.5 * target.height, 0.03)

    def at(distance: float) -> Point:
        px, py = np.array([x, y]) + distance * ahead
        return float(px), float(py), height

    # at rest before the touch, the fastest in the middle of the stroke: the touch is a bit after its beginning
    stroke = target.radius + 0.13
    tips = through(
        (when.start, origin), (when.near, at(-target.radius - 0.09)), (when.end, at(stroke - target.radius))
    )
    held = (angle, 0.3, _CLOSED)
    return Motion(tips, through((when.start, _NEUTRAL), (when.near, held)), None, None)


def _pick(target: Thing, when: _When, origin: Point, rng: np.random.Generator) -> Motion:
    """Wide open from above, closing around it, then up with it."""
    wide, tight = 2 * target.radius + 0.045, 1.6 * target.radius
    yaw = _FORWARD + float(rng.uniform(-0.3, 0.3))
    low = max(0.45 * target.height, 0.02)
    tips = through(
        (when.start, origin),
        (when.near, _over(target, target.height + 0.07)),
        (when.touch - 0.12, _over(target, low)),
        (when.touch + 0.1, _over(target, low)),
        (when.end, _over(target, low + 0.1)),
    )
    grip = through(
        (when.start, _NEUTRAL),
        (when.near, (yaw, 1.0, wide)),
        (when.touch - 0.12, (yaw, 1.0, wide)),
        (when.touch + 0.1, (yaw, 1.0, tight)),
    )
    item = target.parts[0]
    rest = item.position
    up = through((when.touch + 0.1, rest), (when.end, (rest[0], rest[1], rest[2] + 0.1)))
    return Motion(tips, grip, item.name, led(up, lambda _: item.rotation))


def _turn(target: Thing, when: _When, origin: Point, rng: np.random.Generator) -> Motion:
    """Steep from above with the wrist twisted, then twisted back with it."""
    side = 1.0 if rng.random() < 0.5 else -1.0
    wide, tight = 2 * target.radius + 0.035, 1.6 * target.radius
    twisted, back = _FORWARD + side * 0.9, _FORWARD - side * 0.5
    low = max(0.6 * target.height, 0.02)
    tips = through(
        (when.start, origin),
        (when.near, _over(target, target.height + 0.06)),
        (when.touch - 0.12, _over(target, low)),
    )
    grip = through(
        (when.start, _NEUTRAL),
        (when.near, (twisted, 1.35, wide)),
        (when.touch - 0.12, (twisted, 1.35, wide)),
        (when.touch + 0.1, (twisted, 1.35, tight)),
        (when.end, (back, 1.35, tight)),
    )
    item = target.parts[0]
    yaw = through((when.touch + 0.1, (0.0, 0.0, 0.0)), (when.end, (back - twisted, 0.0, 0.0)))
    initial = 2 * float(np.arctan2(item.rotation[3], item.rotation[0]))
    path = led(lambda _: item.position, lambda time: turned((0.0, 0.0, 1.0), initial + yaw(time)[0]))
    return Motion(tips, grip, item.name, path)


def _open(target: Thing, when: _When, origin: Point, rng: np.random.Generator) -> Motion:
    """Almost closed onto the lid's tip, then up and aside with the lid."""
    yaw, aside = _FORWARD + float(rng.uniform(-0.3, 0.3)), float(rng.choice([-0.09, 0.09]))
    narrow, tight = 0.03, 0.014
    tip = target.height - 0.008
    over = target.height + 0.09
    away = (target.place[0] + aside, target.place[1], tip + 0.07)
    tips = through(
        (when.start, origin),
        (when.near, _over(target, over)),
        (when.touch, _over(target, tip)),
        (when.touch + 0.1, _over(target, tip)),
        (when.end, away),
    )
    grip = through(
        (when.start, _NEUTRAL),
        (when.near, (yaw, 1.15, narrow)),
        (when.touch, (yaw, 1.15, narrow)),
        (when.touch + 0.1, (yaw, 1.15, tight)),
    )
    lid = target.parts[-1]
    x, y, z = lid.position
    up = through((when.touch + 0.1, lid.position), (when.end, (x + aside, y, z + 0.07)))
    return Motion(tips, grip, lid.name, led(up, lambda _: lid.rotation))


def _over(target: Thing, height: float) -> Point:
    return target.place[0], target.place[1], height


_MOTIONS: dict[str, Callable[[Thing, _When, Point, np.random.Generator], Motion]] = {
    "open": _open,
    "pick": _pick,
    "push": _push,
    "turn": _turn,
}

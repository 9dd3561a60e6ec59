"""Where things are as functions of time: of cameras, lights, and of items that are led by an invisible hand."""

from collections.abc import Callable
from typing import NamedTuple

import mujoco
import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float, float]
"""World position in metres: x right, y away, z up; the table's top is at z = 0."""
Quaternion = tuple[float, float, float, float]
"""Rotation as (w, x, y, z)."""
UPRIGHT: Quaternion = (1.0, 0.0, 0.0, 0.0)


class Pose(NamedTuple):
    """Where a thing is and how it is turned."""

    position: Point
    rotation: Quaternion = UPRIGHT


Curve = Callable[[float], Point]
"""Position at a time in seconds."""
Path = Callable[[float], Pose | None]
"""Pose at a time in seconds; None: left to physics."""


def still(point: Point) -> Curve:
    """Always there."""
    return lambda _: point


def through(*stops: tuple[float, Point]) -> Curve:
    """Smoothly from stop to stop (time, point), at rest at each of them; still before the first and after the last."""
    times = [time for time, _ in stops]
    points = np.array([point for _, point in stops], dtype=np.float64)

    def curve(time: float) -> Point:
        index = min(max(int(np.searchsorted(times, time, side="right")) - 1, 0), len(times) - 1)
        if index == len(times) - 1 or time <= times[0]:
            return _point(points[index])
        share = (time - times[index]) / (times[index + 1] - times[index])
        return _point(points[index] + (points[index + 1] - points[index]) * share * share * (3 - 2 * share))

    return curve


def evenly(start: Point, velocity: Point) -> Curve:
    """A straight line at constant velocity in m/s."""
    return lambda time: _point(np.array(start) + np.array(velocity) * time)


def orbit(centre: Point, radius: float, height: float, start: float, speed: float) -> Curve:
    """Around an upright axis: angle `start` in radians (0 = +x), `speed` in radians per second."""
    return lambda time: (
        centre[0] + radius * float(np.cos(start + speed * time)),
        centre[1] + radius * float(np.sin(start + speed * time)),
        centre[2] + height,
    )


def swaying(curve: Curve, size: float, rng: np.random.Generator, period: float = 2.0) -> Curve:
    """A curve with a slow random sway on top, as of a hand-held camera: amplitude `size` in metres."""
    phases = rng.uniform(0, 2 * np.pi, (3, 2))
    rates = 2 * np.pi / period * rng.uniform(0.6, 1.6, (3, 2))

    def swayed(time: float) -> Point:
        sway = np.sin(rates * time + phases).mean(axis=1) * size
        return _point(np.array(curve(time)) + sway)

    return swayed


def led(curve: Curve, turning: Callable[[float], Quaternion] | None = None, until: float = np.inf) -> Path:
    """A path for an item: led along a curve, then let go."""

    def path(time: float) -> Pose | None:
        if time >= until:
            return None
        return Pose(curve(time), turning(time) if turning else UPRIGHT)

    return path


def turned(axis: Point, angle: float) -> Quaternion:
    """Rotation by an angle in radians about an axis."""
    x, y, z = np.array(axis) / np.linalg.norm(axis) * np.sin(angle / 2)
    return float(np.cos(angle / 2)), float(x), float(y), float(z)


def product(after: Quaternion, before: Quaternion) -> Quaternion:
    """Two rotations, one after the other."""
    result = np.zeros(4)
    mujoco.mju_mulQuat(result, np.array(after), np.array(before))
    w, x, y, z = (float(value) for value in result)
    return w, x, y, z


def _point(values: NDArray[np.float64]) -> Point:
    return float(values[0]), float(values[1]), float(values[2])

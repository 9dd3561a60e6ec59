"""Checks of what was read: numbers, time, mode and speed. Comparisons are written so that NaN fails them."""

from dataclasses import replace
from typing import Any

import numpy as np

from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.guard.memory import Memory
from toto_bench.deploy.guard.settings import GuardSettings
from toto_bench.deploy.limits import JOINTS, Vector
from toto_bench.deploy.types import Moment, RobotMode, RobotState

DRIVABLE = frozenset({RobotMode.IDLE, RobotMode.MOVE})
"""Modes in which commands are accepted."""
_EARLY = 0.005
"""s that a stamp may lie ahead of `now`."""


def finite(what: str, values: Any, count: int = JOINTS) -> Vector:
    """The numbers as float64 [count].

    Raises:
        GuardTrip: they are no numbers, not as many, NaN or infinite.
    """
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise GuardTrip(Reason.SHAPE, f"{what} is not a row of numbers: {error}.") from error
    if array.shape != (count,):
        raise GuardTrip(Reason.SHAPE, f"{what} has shape {list(array.shape)} instead of [{count}].")
    if not np.isfinite(array).all():
        wrong = ", ".join(f"{place + 1}: {array[place]}" for place in np.flatnonzero(~np.isfinite(array)))
        raise GuardTrip(Reason.NOT_FINITE, f"{what} is not finite ({wrong}).")
    return array


def fresh(settings: GuardSettings, memory: Memory, moment: Moment, now: float) -> Memory:
    """The memory with the robot's last tick.

    Raises:
        GuardTrip: time ran backwards, robot or camera stand still, or their stamps are of different moments.
    """
    if not (np.isfinite(now) and now >= memory.now):
        raise GuardTrip(Reason.CLOCK, f"This computer's clock went from {memory.now:.3f} to {now:.3f} s.")
    robot = moment.robot
    if not (np.isfinite(robot.clock) and robot.clock >= memory.clock):
        raise GuardTrip(
            Reason.ROBOT_STALE, f"The robot's clock went from {memory.clock:.3f} to {robot.clock:.3f} s."
        )
    ticked = robot.received if robot.clock > memory.clock else memory.ticked
    _expect_age(Reason.ROBOT_STALE, "The robot's clock has stood still", now - ticked, settings.robot_age)
    for camera in settings.cameras:
        if (sight := moment.sights.get(camera)) is None:
            raise GuardTrip(Reason.CAMERA_STALE, f"There is no picture of camera `{camera}`.")
        age = now - sight.captured
        _expect_age(Reason.CAMERA_STALE, f"The picture of camera `{camera}` is old", age, settings.camera_age)
        apart = abs(sight.captured - robot.received)
        if not apart <= settings.skew:
            raise GuardTrip(
                Reason.SKEW,
                f"Camera `{camera}` and robot were read {apart:.3f} s apart, more than {settings.skew:g} s.",
            )
    return replace(memory, now=now, clock=robot.clock, ticked=ticked)


def _expect_age(reason: Reason, what: str, age: float, limit: float) -> None:
    if age < -_EARLY:
        raise GuardTrip(Reason.CLOCK, f"{what}: its stamp lies {-age:.3f} s in the future.")
    if not age <= limit:
        raise GuardTrip(reason, f"{what}: {age:.3f} s, more than {limit:g} s.")


def drivable(robot: RobotState) -> None:
    """Pass a robot that takes commands and has no errors.

    Raises:
        GuardTrip: otherwise.
    """
    if robot.errors:
        raise GuardTrip(Reason.ROBOT_ERROR, f"The robot reports {', '.join(map(str, robot.errors))}.")
    if robot.mode not in DRIVABLE:
        raise GuardTrip(Reason.MODE, f"The robot is in mode `{robot.mode}` and takes no commands.")


def calm(settings: GuardSettings, dq: Vector) -> None:
    """Pass an arm that is not faster than anything that was commanded.

    Raises:
        GuardTrip: a joint is.
    """
    excess = np.abs(dq) / np.array(settings.fastest)
    joint = int(excess.argmax())
    if not excess[joint] <= 1:
        raise GuardTrip(
            Reason.SPEED,
            f"Joint {joint + 1} moves at {dq[joint]:.3f} rad/s; {settings.fastest[joint]:.3f} rad/s is the most.",
        )


def within_caps(settings: GuardSettings, memory: Memory, now: float) -> None:
    """Pass a trial that has steps and time left.

    Raises:
        GuardTrip: it has not.
    """
    if memory.steps >= settings.steps:
        raise GuardTrip(Reason.STEPS, f"The trial has had its {settings.steps} steps.")
    started = now if memory.started is None else memory.started
    if not now - started <= settings.seconds:
        raise GuardTrip(Reason.TIME, f"The trial has had its {settings.seconds:g} s.")

"""The way to a start pose: gripper first, so that nothing is dragged along; then the arm, slowly."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.franky.hand import Hand
from toto_bench.deploy.drivers.franky.link import Link
from toto_bench.deploy.drivers.franky.motion import Target
from toto_bench.deploy.limits import Vector, WorkingLimits
from toto_bench.deploy.limits.working import SPEED_FACTOR

_TICK = 0.02
"""s between two looks."""
_NEAR = 0.02
"""rad; so near to its target every joint has arrived."""
_SLACK = 10.0
"""s of the robot's time that the way may take beyond twice the way at full speed."""


def go_to_start(
    link: Link,
    hand: Hand,
    q: Vector,
    gripper: float,
    *,
    limits: WorkingLimits,
    interrupted: Callable[[], bool],
) -> None:
    """Go there and wait, at no more than the usual speed, however fast the limits are.

    Args:
        link: to the arm.
        hand: the gripper.
        q: target, [7], rad.
        gripper: opening, 0 to 1.
        limits: that were set.
        interrupted: asked at each look.

    Raises:
        RobotFault: interrupted, stopped, or not there in time; the arm is stopped.
    """
    link.expect_ready()
    hand.go(gripper)
    _wait(link, lambda: hand.is_idle, interrupted, "The gripper", float("inf"))
    pace = min(1.0, SPEED_FACTOR / limits.speed_factor)
    way = float((np.abs(q - link.state().q) / (pace * np.array(limits.velocity))).max())
    target = Target(tuple(q.tolist()), time.monotonic(), pace=pace)
    link.send(target)
    _wait(
        link,
        lambda: link.stands and bool(np.abs(link.state().q - q).max() < _NEAR),
        interrupted,
        "The arm",
        2 * way + _SLACK,
    )
    link.send(replace(target, asked=time.monotonic(), ends=True))
    _wait(link, lambda: not link.in_control, interrupted, "The arm", _SLACK)


def _wait(
    link: Link, done: Callable[[], bool], interrupted: Callable[[], bool], what: str, longest: float
) -> None:
    start = link.state().clock
    while not done():
        link.expect_ready()
        state = link.state()
        if interrupted():
            _give_up(link, "The way to the start pose was interrupted.")
        if state.clock - start > longest:
            _give_up(link, f"{what} did not reach the start pose: something is in its way.")
        time.sleep(_TICK)
    link.expect_ready()


def _give_up(link: Link, message: str) -> None:
    link.stop(message)
    raise RobotFault(message)

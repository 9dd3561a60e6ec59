"""Single calls of franky that move the arm or make it ready, each with what has to hold before."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.franky.faults import NOT_READY
from toto_bench.deploy.types import RobotMode, RobotState

_LATE = 0.2
"""s after which a target that could not be sent is not sent any more."""
_DRIVABLE = frozenset({RobotMode.IDLE, RobotMode.MOVE})
_CLEARING = 1.0
"""s within which a robot that recovered reports so."""


@dataclass(frozen=True)
class Target:
    """Where the joints are to go."""

    q: tuple[float, ...]
    asked: float
    """When, s."""
    pace: float = 1.0
    """Share of the limits that are set."""
    ends: bool = False
    """Whether the motion is over on arrival; else the arm holds its position under control."""


def expect_drivable(mode: RobotMode) -> None:
    """Pass a robot that takes targets.

    Raises:
        RobotFault: it does not.
    """
    if mode not in _DRIVABLE:
        raise RobotFault(f"The robot is in mode `{mode}` and takes no commands. {NOT_READY}")


def aim(franky: Any, robot: Any, target: Target) -> None:
    """Begin a motion, or aim the one that is on anew.

    Raises:
        RobotFault: the target is too old.
    """
    if (waited := time.monotonic() - target.asked) > _LATE:
        raise RobotFault(
            f"A target could only be sent after {waited:.2f} s: the computer or the robot hangs."
        )
    motion = franky.JointMotion(
        list(target.q), relative_dynamics_factor=target.pace, return_when_finished=target.ends
    )
    robot.move(motion, asynchronous=True)


def clear_errors(robot: Any, measure: Callable[[], RobotState]) -> None:
    """Let the robot recover. What it then reports counts: franky's own answer is one reading too early.

    Raises:
        RobotFault: it is not ready.
    """
    robot.recover_from_errors()
    end = time.monotonic() + _CLEARING
    while (state := measure()).errors or state.mode is not RobotMode.IDLE:
        if time.monotonic() > end:
            reports = ", ".join(state.errors) or "no errors"
            raise RobotFault(f"The robot is in mode `{state.mode}` and reports {reports}. {NOT_READY}")

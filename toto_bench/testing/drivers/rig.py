"""A driver that is tried, and what every check does with it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from toto_bench.deploy.clock import Clock
from toto_bench.deploy.driver import RobotDriver, RobotFault
from toto_bench.deploy.limits import JOINTS, Vector
from toto_bench.deploy.types import RobotState

REST = 5.0
"""s within which an arm that was stopped has to stand."""
STANDING = 0.02
"""rad/s, under which a joint is taken to stand."""
NEAR = 0.02
"""rad between a start pose and where the arm came to rest."""
STEP = 0.01
"""rad to the next target."""
PERIOD = 0.1
"""s between two commands."""


@dataclass(frozen=True)
class Rig:
    """A driver that is not connected yet, and what is needed to try it."""

    driver: RobotDriver
    clock: Clock
    """That the driver lives in."""
    start: Vector
    """A pose [7] near to where the arm stands, rad."""
    fail: Callable[[], None] | None = None
    """Makes the robot stop by itself; None: it cannot be made to."""


def begin(rig: Rig) -> None:
    """Connect, and be at the start pose."""
    rig.driver.connect()
    rig.driver.reset(rig.start, interrupted=lambda: False)


def observe(rig: Rig) -> RobotState:
    """A reading that is what it should be."""
    state = rig.driver.observe()
    for name, row in (("q", state.q), ("dq", state.dq)):
        assert row.shape == (JOINTS,) and row.dtype == np.float64, (
            f"`{name}` is {row.dtype} {list(row.shape)}."
        )
        assert np.isfinite(row).all(), f"`{name}` is not finite."
    assert -0.1 <= state.gripper <= 1.1, f"The gripper's opening is {state.gripper}."
    assert math.isfinite(state.clock), f"The robot's clock is {state.clock}."
    assert state.received <= rig.clock.now(), "A reading is stamped with a moment that has not come yet."
    return state


def wait(rig: Rig, seconds: float) -> None:
    """Let time pass."""
    rig.clock.sleep_until(rig.clock.now() + seconds)


def expect_fault(what: str, call: Callable[[], object]) -> None:
    """The call raises `RobotFault`, and nothing else."""
    try:
        call()
    except RobotFault as fault:
        assert str(fault), f"{what}: the fault says nothing."
    else:
        raise AssertionError(f"{what} did not raise `RobotFault`.")


def expect_rest(rig: Rig) -> None:
    """The arm comes to rest, and its readings say so too."""
    assert rig.driver.at_rest(REST), f"The arm still moves {REST:g} s after it was stopped."
    fastest = float(np.abs(observe(rig).dq).max())
    assert fastest <= STANDING, f"`at_rest` says yes, but a joint moves at {fastest:.3f} rad/s."

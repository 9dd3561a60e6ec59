"""Every driver that needs no robot keeps the one contract; broken ones are found out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.clock import Clock, MonotonicClock, VirtualClock
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.faulty import FaultyDriver
from toto_bench.deploy.drivers.mujoco import MujocoDriver
from toto_bench.deploy.drivers.replay import ReplayDriver
from toto_bench.deploy.guard import Passed
from toto_bench.deploy.limits import WorkingLimits
from toto_bench.deploy.runner.ticks import Tick, of_moment, of_passed
from toto_bench.deploy.simulated.scene import build_scene
from toto_bench.deploy.simulated.world import READY
from toto_bench.deploy.types import Command, Moment
from toto_bench.testing.drivers import CHECKS, Rig, check_driver, run_check

SCENE = build_scene()
START = READY + 0.05
QUICK = WorkingLimits(speed_factor=0.5)


def simulated(clock: Clock, pace: str) -> Rig:
    driver = MujocoDriver(SCENE, clock, pace, limits=QUICK)

    def fail() -> None:
        driver._world.error = "joint_reflex"

    return Rig(driver, clock, START, fail)


def fast() -> Rig:
    return simulated(VirtualClock(), "fast")


def realtime() -> Rig:
    return simulated(MonotonicClock(), "realtime")


def wrapped() -> Rig:
    rig = fast()
    return Rig(FaultyDriver(rig.driver, [], rig.clock), rig.clock, rig.start, rig.fail)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("make", [fast, realtime, wrapped], ids=lambda make: make.__name__)
def test_contract(make: Callable[[], Rig], check: Callable[[Rig], None]) -> None:
    run_check(check, make)


class _Recording(FaultyDriver):
    """Writes down every command beside the reading before it."""

    def __init__(self, rig: Rig) -> None:
        super().__init__(rig.driver, [], rig.clock)
        self.ticks: list[Tick] = []

    def act(self, command: Command) -> None:
        super().act(command)
        assert self._last is not None
        read = of_moment(Moment(self._last))
        self.ticks.append(Tick(number=0, time=0.0, **read, **of_passed(Passed(command))))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract_of_a_replay(check: Callable[[Rig], None]) -> None:
    """Of a record of the same check on the simulated arm."""
    rig = fast()
    recording = _Recording(rig)
    run_check(check, lambda: Rig(recording, rig.clock, START))
    standing = Tick(number=0, time=0.0, q=START, dq=(0.0,) * 7, gripper=1.0, sent=START)
    clock = VirtualClock()
    run_check(check, lambda: Rig(ReplayDriver(recording.ticks or [standing], clock), clock, START))


class _Slow(MujocoDriver):
    def act(self, command: Command) -> None:
        self.clock.sleep_until(self.clock.now() + 0.02)
        super().act(command)


class _Forgetful(MujocoDriver):
    """Takes commands after a stop."""

    def act(self, command: Command) -> None:
        self._latch.reason = None
        super().act(command)


class _Unstoppable(MujocoDriver):
    def stop(self, reason: str) -> None:
        self._latch.stop(reason)


class _Raising(MujocoDriver):
    def stop(self, reason: str) -> None:
        if self._latch.reason is not None:
            raise RobotFault("stopped twice")
        super().stop(reason)


class _Deaf(MujocoDriver):
    """Does not ask whether it is interrupted."""

    def reset(self, q: Any, *, gripper: float = 1.0, interrupted: Callable[[], bool]) -> None:
        super().reset(q, gripper=gripper, interrupted=lambda: False)


class _Short(MujocoDriver):
    """Stops on the way to the start pose."""

    def reset(self, q: Any, *, gripper: float = 1.0, interrupted: Callable[[], bool]) -> None:
        super().reset(READY + (q - READY) / 3, gripper=gripper, interrupted=interrupted)


class _Credulous(MujocoDriver):
    def act(self, command: Command) -> None:
        if np.isfinite(command.q).all():
            super().act(command)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (_Slow, "lets time pass"),
        (_Forgetful, "`act` after `stop` did not raise"),
        (_Unstoppable, "went on to its target"),
        (_Raising, "stopped twice"),
        (_Deaf, "interrupted `reset` did not raise"),
        (_Short, "from its start pose"),
        (_Credulous, "target nan did not raise"),
    ],
)
def test_a_driver_that_breaks_the_contract_is_found_out(kind: type[MujocoDriver], message: str) -> None:
    def make() -> Rig:
        clock = VirtualClock()
        return Rig(kind(SCENE, clock, "fast", limits=QUICK), clock, START)

    with pytest.raises((AssertionError, RobotFault), match=message):
        check_driver(make)

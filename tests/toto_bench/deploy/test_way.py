"""The way to a start pose: within ranges and workspace from one end to the other, and stopped at whatever happens."""

from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.clock import VirtualClock
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.mujoco import MujocoDriver
from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.kinematics import forward
from toto_bench.deploy.simulated.scene import build_scene
from toto_bench.deploy.simulated.world import READY
from toto_bench.deploy.way import expect_free, go_to_start
from toto_bench.deploy.workspace import Workspace

GUARD = GuardSettings(rate_hz=10.0)
LEFT, RIGHT = (READY + np.array([turn, 0, 0, 0, 0, 0, 0]) for turn in (0.9, -0.9))
"""The hand 0.24 m to either side, in the box; between them it swings forward, to x = 0.31 m."""
NARROW = GUARD.model_copy(update={"workspace": Workspace(upper=(0.25, 0.4, 1.0))})


class Remembering:
    """Of a driver's calls."""

    def __init__(self, error: BaseException | None = None, q: np.ndarray = READY) -> None:
        self.resets: list[np.ndarray] = []
        self.stops: list[str] = []
        self._error, self._q = error, q

    def observe(self) -> Any:
        return type("State", (), {"q": self._q})

    def reset(self, q: np.ndarray, **options: Any) -> None:
        self.resets.append(q)
        if self._error is not None:
            raise self._error

    def stop(self, reason: str) -> None:
        self.stops.append(reason)


def low(height: float) -> np.ndarray:
    """Joints with the hand at a height, bent down from the ready pose."""
    bends = [READY + np.array([0, bend, 0, 0, 0, bend, 0]) for bend in np.linspace(0, 1.8, 400)]
    return min(bends, key=lambda q: abs(forward(q).ends[:, 2].min() - height))


def test_both_ends_may_be_inside_and_the_way_not() -> None:
    for end in (LEFT, RIGHT):
        assert NARROW.workspace.violation(end) is None
    with pytest.raises(GuardTrip, match="On the way") as caught:
        expect_free(NARROW, LEFT, RIGHT)
    assert caught.value.reason is Reason.WORKSPACE
    expect_free(GUARD, LEFT, RIGHT)


def test_a_start_pose_under_the_table() -> None:
    with pytest.raises(GuardTrip, match="outside 0 to 1 m"):
        expect_free(GUARD, READY, low(-0.05))


@pytest.mark.parametrize("bad", [np.full(7, np.nan), np.full(7, np.inf), np.zeros(7), np.zeros(6)])
def test_a_start_pose_that_is_none(bad: np.ndarray) -> None:
    with pytest.raises(GuardTrip):
        expect_free(GUARD, READY, bad)


def test_an_arm_a_little_outside_comes_back_and_one_far_outside_does_not() -> None:
    expect_free(GUARD, low(-0.005), READY)
    with pytest.raises(GuardTrip, match="by hand"):
        expect_free(GUARD, low(-0.04), READY)


def test_from_one_place_outside_to_another_through_the_table() -> None:
    with pytest.raises(GuardTrip):
        expect_free(GUARD, low(0.02), READY + np.array([0, 1.5, 0, 0, 0, 0, 0]))


@pytest.mark.parametrize("q", [low(-0.05), np.zeros(7)])
def test_what_is_not_allowed_never_reaches_the_driver(q: np.ndarray) -> None:
    driver = Remembering()
    with pytest.raises(GuardTrip):
        go_to_start(driver, GUARD, q, lambda: False)  # type: ignore[arg-type]
    assert driver.resets == [] and len(driver.stops) == 1


@pytest.mark.parametrize("error", [RobotFault("reflex"), KeyboardInterrupt(), SystemExit(), MemoryError()])
def test_whatever_is_raised_on_the_way_stops_the_arm(error: BaseException) -> None:
    driver = Remembering(error)
    with pytest.raises(type(error)):
        go_to_start(driver, GUARD, READY, lambda: False)  # type: ignore[arg-type]
    assert len(driver.stops) == 1


def test_an_interruption_at_the_very_end_is_not_lost() -> None:
    driver = Remembering()
    with pytest.raises(RobotFault, match="interrupted"):
        go_to_start(driver, GUARD, READY, lambda: bool(driver.resets))  # type: ignore[arg-type]
    assert len(driver.stops) == 1


def test_an_interruption_before_the_way_moves_nothing() -> None:
    driver = Remembering()
    with pytest.raises(RobotFault, match="interrupted"):
        go_to_start(driver, GUARD, READY, lambda: True)  # type: ignore[arg-type]
    assert driver.resets == [] and len(driver.stops) == 1


def test_a_simulated_arm_goes_there_and_back() -> None:
    clock = VirtualClock()
    driver = MujocoDriver(build_scene(), clock, "fast")
    driver.connect()
    for q in (LEFT, READY):
        go_to_start(driver, GUARD, q, lambda: False)
        assert np.abs(driver.observe().q - q).max() < 0.02
    driver.close()

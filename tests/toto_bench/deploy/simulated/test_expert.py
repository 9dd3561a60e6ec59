"""The scripted expert picks the cube up through the simulated driver, the safety guard between them."""

import numpy as np
import pytest

from toto_bench.deploy.clock import VirtualClock
from toto_bench.deploy.drivers.mujoco import MujocoDriver
from toto_bench.deploy.guard import SafetyGuard
from toto_bench.deploy.guard.settings import GuardSettings
from toto_bench.deploy.simulated.expert import PickExpert
from toto_bench.deploy.simulated.state import yaw_of
from toto_bench.deploy.types import Command, Moment

HOME = np.array([0.0, -0.3, 0.0, -2.2, 0.0, 2.0, 0.785])
PERIOD = 0.1


@pytest.fixture(scope="module")
def driver() -> MujocoDriver:
    arm = MujocoDriver(clock=VirtualClock(), pace="fast")
    arm.connect()
    return arm


@pytest.mark.parametrize("place", [(0.4, -0.2, -0.7), (0.5, 0.0, 0.0), (0.6, 0.2, 0.7), (0.45, 0.15, 0.3)])
def test_picks_up(driver: MujocoDriver, place: tuple[float, float, float]) -> None:
    """From the corners of the region; the guard shortens nothing, so that demonstrations show what was asked."""
    driver.stop("before")
    driver.recover()
    driver.reset(HOME, interrupted=lambda: False)
    driver.place_cube(*place)
    expert, guard = PickExpert(), SafetyGuard(GuardSettings(rate_hz=1 / PERIOD))
    for _ in range(150):
        now = driver.clock.now()
        robot, cube = driver.observe(), driver.scene_state().cube
        asked = expert(robot, np.array([*cube[:3], yaw_of(cube)]))
        driver.act(guard.check(Moment(robot), asked, now).command)
        driver.clock.sleep_until(now + PERIOD)
        if driver.succeeded:
            break
    assert driver.succeeded
    assert guard.counts.shortened == guard.counts.edged == 0


def test_every_joint_reaches_its_working_velocity(driver: MujocoDriver) -> None:
    """The servos are strong enough for what the limits allow, also the weak ones of the wrist."""
    driver.stop("before")
    driver.recover()
    driver.reset(HOME, interrupted=lambda: False)
    for joint in range(7):
        way = np.zeros(7)
        way[joint] = 0.4
        driver.act(Command(HOME + way))
        fastest = 0.0
        for _ in range(40):
            driver.clock.sleep_until(driver.clock.now() + 0.05)
            fastest = max(fastest, driver.observe().dq[joint])
        assert fastest == pytest.approx(min(driver._world.limits.velocity[joint], 0.9), rel=0.05)
        driver.reset(HOME, interrupted=lambda: False)

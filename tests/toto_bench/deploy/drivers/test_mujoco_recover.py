"""Making a simulated arm ready again."""

import pytest

from toto_bench.deploy.clock import VirtualClock
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.mujoco import MujocoDriver
from toto_bench.deploy.simulated.scene import build_scene
from toto_bench.deploy.simulated.world import READY
from toto_bench.deploy.types import Command


def test_a_stop_in_the_middle_of_it_is_not_lost() -> None:
    """Somebody presses stop while the arm, which still moves, is waited for."""
    clock = VirtualClock()
    driver = MujocoDriver(build_scene(), clock, "fast")
    driver.connect()
    driver.act(Command(READY + 0.3))
    clock.sleep_until(0.5)
    driver.stop("the first one")
    left = ["the second one"]
    clock.follow(lambda now: driver.stop(left.pop()) if left else None)
    with pytest.raises(RobotFault, match="stopped while"):
        driver.recover()
    assert not left
    with pytest.raises(RobotFault, match="was stopped"):
        driver.act(Command(READY))
    driver.recover()
    driver.act(Command(driver.observe().q))
    driver.close()

"""A session that ends stops the arm before anything else, and its guard cannot be switched off from outside."""

from collections.abc import Callable
from typing import Any

import pytest

from toto_bench.deploy.driver import RobotInfo
from toto_bench.deploy.runner import RunnerSettings
from toto_bench.deploy.session.thresholds import expect_strict, thresholds
from toto_bench.errors import RequestError

REAL, SIMULATED = (RobotInfo("franky", "fr3", simulated, {}) for simulated in (False, True))


class Slow:
    """A camera that takes its time to close, and then fails."""

    name = "wrist"

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self.stops_at_close: list[str] = []

    def open(self) -> None:
        pass

    def close(self) -> None:
        self.stops_at_close = list(self._driver.stops)
        raise RuntimeError("the camera hangs")


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit, MemoryError])
def test_the_arm_is_stopped_before_cameras_are_closed(
    make_station: Callable[..., Any], error: type[BaseException]
) -> None:
    station = make_station(cameras=False)
    camera = station.cameras["wrist"] = Slow(station.driver)
    with pytest.raises((error, RuntimeError)), station.opened():
        raise error
    assert camera.stops_at_close, "the arm went on moving while the camera closed"
    with pytest.raises(Exception, match="not connected"):
        station.driver.observe()


WIDE = {
    "robot_age": 1.0,
    "camera_age": 60.0,
    "skew": 9.0,
    "jump": 1e9,
    "clips_in_a_row": 10**6,
    "watchdog_periods": 1e9,
    "misses_in_a_row": 1000,
    "step_share": 1.0,
    "speed_margin": 100.0,
    "range_slack": 3.0,
}


@pytest.mark.parametrize("name", WIDE)
def test_a_real_arm_keeps_its_guard(name: str) -> None:
    chosen = thresholds({name: WIDE[name]})
    with pytest.raises(RequestError, match=f"`{name}="):
        expect_strict(chosen, REAL)
    expect_strict(chosen, SIMULATED)


def test_a_real_arm_may_have_a_slower_camera_and_a_stricter_guard() -> None:
    expect_strict(thresholds({"camera_age": 0.3, "jump": 2.0, "clips_in_a_row": 2}), REAL)
    expect_strict(thresholds({}), REAL)
    assert thresholds({}).runner == RunnerSettings()

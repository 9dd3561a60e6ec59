"""Thresholds of guard and loop by their names, for cameras and robots that the usual ones do not fit."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from toto_bench.cards import did_you_mean
from toto_bench.deploy.driver import RobotInfo
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.runner import RunnerSettings
from toto_bench.deploy.trials.plan import first_problem
from toto_bench.errors import RequestError

_ELSEWHERE = {"rate_hz", "cameras", "limits", "workspace", "seconds"}
"""What follows from the policy, or has options of its own."""


_LOOSEST = {
    "robot_age": 0.2,
    "camera_age": 0.5,
    "skew": 0.3,
    "step_share": 0.5,
    "jump": 4.0,
    "clips_in_a_row": 20,
    "range_slack": 0.1,
    "gripper_slack": 0.5,
    "speed_margin": 1.5,
    "misses_in_a_row": 5,
    "watchdog_periods": 5.0,
}
"""As wide as a threshold may be made where somebody can be hurt; a stricter one is always allowed."""


class Thresholds(NamedTuple):
    """What differs from the usual."""

    guard: dict[str, Any]
    """Fields of `GuardSettings`."""
    runner: RunnerSettings


def thresholds(values: Mapping[str, Any]) -> Thresholds:
    """Sort values by whose they are; they are kept with the session.

    Raises:
        RequestError: there is no such threshold, or its value is not allowed.
    """
    guard_names = set(GuardSettings.model_fields) - _ELSEWHERE
    runner_names = set(RunnerSettings.model_fields)
    for name in values:
        if name not in guard_names | runner_names:
            raise RequestError(
                f"There is no threshold `{name}`{did_you_mean(name, sorted(guard_names | runner_names))}"
            )
    guard = {name: value for name, value in values.items() if name in guard_names}
    try:
        GuardSettings(rate_hz=1.0, **guard)
        runner = RunnerSettings(**{name: value for name, value in values.items() if name in runner_names})
    except ValidationError as error:
        raise RequestError(f"This threshold is not allowed: {first_problem(error)}.") from error
    return Thresholds(guard, runner)


def expect_strict(chosen: Thresholds, info: RobotInfo) -> None:
    """Refuse to open the guard of a real arm: thresholds fit it to cameras and robots, and do not switch it off.

    Raises:
        RequestError: one is wider than it may be.
    """
    values = {**chosen.runner.model_dump(), **chosen.guard}
    for name, most in _LOOSEST.items():
        if not info.simulated and name in values and not float(values[name]) <= most:
            raise RequestError(
                f"`{name}={values[name]:g}` would take the guard of a real arm away: {most:g} is the most. Find out "
                "why the usual value does not hold."
            )

"""A policy, a guard and cameras that do not go together are refused before anything happens."""

import numpy as np
import pytest

from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.runner import PolicyRunner
from toto_bench.deploy.runner.senses import proprio_of
from toto_bench.deploy.types import RobotState
from toto_bench.errors import RequestError


def test_a_camera_is_missing(bench) -> None:
    guard = GuardSettings.for_policy(bench.policy.spec)
    with pytest.raises(RequestError, match="looks through `front`, and there is `wrist`"):
        PolicyRunner(bench.driver, {"wrist": bench.camera}, bench.policy, guard, bench.clock)


@pytest.mark.parametrize("change", [{"rate_hz": 5.0}, {"cameras": ()}])
def test_the_guard_is_set_for_another_policy(bench, change) -> None:
    guard = GuardSettings.for_policy(bench.policy.spec, **change)
    with pytest.raises(ValueError, match="for_policy"):
        PolicyRunner(bench.driver, {"front": bench.camera}, bench.policy, guard, bench.clock)


def test_a_policy_that_feels_something_else(bench, spec_of) -> None:
    bench.policy.spec = spec_of().model_copy(update={"proprio": ("a", "b", "c")})
    with pytest.raises(RequestError, match=r"feels 3 numbers \(a, b, c\)"):
        bench.runner()


def test_a_policy_for_another_arm(bench, spec_of) -> None:
    spec = spec_of()
    action = spec.action.model_copy(update={"names": tuple(f"joint{number}" for number in range(23))})
    bench.policy.spec = spec.model_copy(update={"action": action})
    with pytest.raises(RequestError, match="23 numbers"):
        bench.runner()


def test_what_is_felt(spec_of) -> None:
    """Seven joints, and the gripper's opening where the policy feels eight numbers."""
    robot = RobotState(np.arange(7.0), np.zeros(7), 0.25, 0.0, 0.0)
    spec = spec_of()
    assert proprio_of(robot, spec).tolist() == [*range(7), 0.25]
    seven = spec.model_copy(update={"proprio": spec.proprio[:7]})
    assert proprio_of(robot, seven).tolist() == [*range(7)]
    assert proprio_of(robot, spec).dtype == np.float32

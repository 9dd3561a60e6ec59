"""A policy's numbers to targets, for each kind of action."""

from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.commands import command_of, expect_drivable
from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.types import Command, RobotState
from toto_bench.errors import RequestError
from toto_bench.robots.policy.spec import ActionSpec

JOINTS = tuple(f"joint{number}" for number in range(1, 8))
ROBOT = RobotState(np.arange(7.0), np.zeros(7), 0.5, clock=0.0, received=0.0)
ACTION = np.full(8, 0.1, dtype=np.float32)


def spec(kind: Any, scale: tuple[float, ...] | None = None) -> ActionSpec:
    return ActionSpec(kind=kind, names=(*JOINTS, "gripper"), scale=scale)


def test_a_delta_is_added_to_what_is_measured() -> None:
    last = Command(np.full(7, 9.0), 0.9)
    command = command_of(ACTION, spec("joint-delta"), ROBOT, last)
    assert command.q == pytest.approx(np.arange(7) + 0.1)
    assert command.gripper == pytest.approx(0.6)


def test_a_target_delta_is_added_to_what_was_sent() -> None:
    last = Command(np.full(7, 9.0), 0.2)
    assert command_of(ACTION, spec("joint-target-delta"), ROBOT, last).q == pytest.approx(np.full(7, 9.1))
    assert command_of(ACTION, spec("joint-target-delta"), ROBOT, last).gripper == pytest.approx(0.3)
    assert command_of(ACTION, spec("joint-target-delta"), ROBOT).q == pytest.approx(np.arange(7) + 0.1)


def test_a_position_is_a_position_in_the_units_of_its_scale() -> None:
    command = command_of(ACTION, spec("joint-position", (2.0,) * 7 + (5.0,)), ROBOT)
    assert command.q == pytest.approx(np.full(7, 0.2))
    assert command.gripper == pytest.approx(0.5)


def test_an_arm_without_a_gripper() -> None:
    arm = ActionSpec(kind="joint-delta", names=JOINTS)
    assert command_of(np.zeros(7), arm, ROBOT).gripper is None


@pytest.mark.parametrize("action", [np.zeros(7), np.zeros((1, 8)), "left", [[0], [0, 1]]])
def test_wrong_lengths_stop(action: Any) -> None:
    with pytest.raises(GuardTrip) as caught:
        command_of(action, spec("joint-delta"), ROBOT)
    assert caught.value.reason is Reason.SHAPE


def test_nothing_is_clipped_here() -> None:
    assert np.isnan(command_of(np.full(8, np.nan), spec("joint-delta"), ROBOT).q).all()


def test_policies_of_other_robots_are_refused() -> None:
    expect_drivable(spec("joint-delta"))
    with pytest.raises(RequestError, match="9 numbers"):
        expect_drivable(ActionSpec(kind="joint-delta", names=(*JOINTS, "finger1", "finger2")))


def test_an_opening_is_an_opening_whatever_the_joints_are() -> None:
    """Nothing is added up, so that small errors do not close the gripper little by little."""
    opening = ActionSpec(kind="joint-delta", names=(*JOINTS, "gripper"), gripper="opening")
    command = command_of(ACTION, opening, ROBOT, Command(np.full(7, 9.0), 0.9))
    assert command.q == pytest.approx(np.arange(7) + 0.1)
    assert command.gripper == pytest.approx(0.1)

"""A policy's numbers to a command for the arm."""

from typing import Any

import numpy as np

from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.limits import JOINTS
from toto_bench.deploy.types import Command, RobotState
from toto_bench.errors import RequestError
from toto_bench.robots.policy.spec import ActionSpec

NUMBERS = (JOINTS, JOINTS + 1)
"""Lengths of an action: seven joints, without and with the gripper's opening."""


def expect_drivable(spec: ActionSpec) -> None:
    """Refuse a policy whose actions are not for an arm of seven joints and a gripper.

    Raises:
        RequestError: it has another number of actions.
    """
    if len(spec.names) not in NUMBERS:
        raise RequestError(
            f"The policy's actions are {len(spec.names)} numbers ({', '.join(spec.names)}); the real arm takes seven "
            "joints, or seven joints and the gripper's opening. Train a policy on demonstrations of this arm."
        )


def command_of(action: Any, spec: ActionSpec, robot: RobotState, last: Command | None = None) -> Command:
    """Where the arm is asked to go. Nothing is clipped here: that is the guard's.

    Args:
        action: [7] or [8], in the order and units of `spec`; openings count from 0 (closed) to 1 (open).
        spec: of the policy.
        robot: what was measured.
        last: what was sent last, for actions that add to it; None: the measured position stands for it.

    Raises:
        GuardTrip: the action is no row of so many numbers.
    """
    try:
        numbers = np.asarray(action, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise GuardTrip(Reason.SHAPE, f"The action is not a row of numbers: {error}.") from error
    if numbers.shape != (len(spec.names),):
        raise GuardTrip(
            Reason.SHAPE, f"The action has shape {list(numbers.shape)} instead of [{len(spec.names)}]."
        )
    if spec.scale is not None:
        numbers = numbers * np.array(spec.scale)
    q, gripper = np.asarray(robot.q, dtype=np.float64), robot.gripper
    if spec.kind == "joint-target-delta" and last is not None:
        q, gripper = last.q, gripper if last.gripper is None else last.gripper
    moves = spec.kind != "joint-position"
    target = q + numbers[:JOINTS] if moves else numbers[:JOINTS]
    if len(numbers) == JOINTS:
        return Command(target)
    adds = moves and spec.gripper == "as-joints"
    return Command(target, float(gripper + numbers[JOINTS] if adds else numbers[JOINTS]))

"""Checks of what would be sent. Comparisons are written so that NaN fails them."""

from typing import NamedTuple

import numpy as np

from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.guard.memory import Memory
from toto_bench.deploy.guard.settings import GuardSettings
from toto_bench.deploy.limits import Vector

_ROUNDING = 1e-9
_SPACING = 0.05
"""rad between places on the way to a target that are looked at."""


class Clipped(NamedTuple):
    """A target, and which joints were moved to get it (numbers from 1)."""

    q: Vector
    joints: tuple[int, ...]


class Opening(NamedTuple):
    """An opening to send, whether it differs from what was asked, and whether it is new to the gripper."""

    value: float | None
    held: bool
    new: bool


def near(settings: GuardSettings, memory: Memory, q: Vector, target: Vector) -> Clipped:
    """The target, brought to within one step of the measured position.

    Raises:
        GuardTrip: it is too far, or too many in a row were.
    """
    step = np.array(settings.largest_step)
    with np.errstate(over="ignore"):
        ratio = np.abs(target - q) / step
    joint = int(ratio.argmax())
    if not ratio[joint] <= settings.jump:
        raise GuardTrip(
            Reason.JUMP,
            f"The target of joint {joint + 1} is {abs(target[joint] - q[joint]):.3f} rad away, more than "
            f"{settings.jump:g} steps of {step[joint]:.3f} rad.",
        )
    joints = tuple((np.flatnonzero(ratio > 1 + _ROUNDING) + 1).tolist())
    if joints and memory.clips + 1 >= settings.clips_in_a_row:
        raise GuardTrip(
            Reason.CLIPPING,
            f"{settings.clips_in_a_row} targets in a row were more than a step away (joint {joint + 1}: "
            f"{ratio[joint]:.1f} steps): the policy asks for more speed than it may have.",
        )
    return Clipped(np.clip(target, q - step, q + step), joints)


def in_range(settings: GuardSettings, q: Vector, target: Vector) -> Clipped:
    """The target within the joints' ranges, still within one step.

    Raises:
        GuardTrip: it is too far outside, or the arm itself is.
    """
    outside = settings.limits.position.outside(target)
    joint = int(outside.argmax())
    if not outside[joint] <= settings.range_slack:
        raise GuardTrip(
            Reason.JOINT_RANGE,
            f"The target of joint {joint + 1} is {outside[joint]:.3f} rad outside its range, more than "
            f"{settings.range_slack:g} rad.",
        )
    inside = settings.limits.position.clipped(target)
    far = np.abs(inside - q) - np.array(settings.largest_step)
    joint = int(far.argmax())
    if not far[joint] <= _ROUNDING:
        raise GuardTrip(
            Reason.JOINT_RANGE,
            f"Joint {joint + 1} is at {q[joint]:.3f} rad, more than a step outside its range: guide it back by hand.",
        )
    return Clipped(inside, tuple((np.flatnonzero(outside > 0) + 1).tolist()))


def in_workspace(settings: GuardSettings, q: Vector, target: Vector) -> None:
    """Pass a target at which hand, fingertips and joints are where they may be, on the way there as well.

    Raises:
        GuardTrip: otherwise; a target is never moved in space.
    """
    count = max(int(np.ceil(np.abs(target - q).max() / _SPACING)), 1)
    way = [q + (target - q) * (place / count) for place in range(1, count)]
    for each in (target, *way):
        if (violation := settings.workspace.violation(each)) is not None:
            raise GuardTrip(Reason.WORKSPACE, f"With the next command {violation}.")


def opening(settings: GuardSettings, memory: Memory, asked: float | None, now: float) -> Opening:
    """What to send to the gripper: in [0, 1], and not too often.

    Raises:
        GuardTrip: the opening is far outside.
    """
    if asked is None:
        return Opening(None, held=False, new=False)
    if not -settings.gripper_slack <= asked <= 1 + settings.gripper_slack:
        raise GuardTrip(
            Reason.GRIPPER, f"The gripper's opening is {asked:.3f}, far outside 0 (closed) to 1 (open)."
        )
    value = min(max(asked, 0.0), 1.0)
    if memory.gripper is not None:
        small = abs(value - memory.gripper) <= settings.gripper_change
        if small or now - memory.gripper_changed < settings.gripper_interval:
            return Opening(memory.gripper, held=memory.gripper != asked, new=False)
    return Opening(value, held=value != asked, new=True)

"""A connection to the arm, with limits that are ours: those that franky-control chooses belong to the other robot."""

from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np

from toto_bench.deploy.driver import Arm, RobotFault
from toto_bench.deploy.drivers.franky.faults import fault_of
from toto_bench.deploy.drivers.franky.patience import answer_of
from toto_bench.deploy.limits import JOINTS, OURS, WorkingLimits
from toto_bench.deploy.limits.model import JointRange

_ARMS: dict[str, Arm] = {"fr3": "fr3", "fer": "fer", "panda": "fer"}
"""By the name in the robot's own description."""


@dataclass(frozen=True)
class ConnectedArm:
    """A robot that was told its limits."""

    robot: Any
    """A `franky.Robot`."""
    limits: WorkingLimits
    """What was set, within what the robot says of itself."""


def connect_arm(franky: Any, host: str, arm: Arm, limits: WorkingLimits, *, realtime: bool) -> ConnectedArm:
    """Connect, set the limits and read them back. Nothing moves.

    Raises:
        RobotFault: the robot cannot be reached, is another one, or did not take the limits.
    """
    config = franky.RealtimeConfig.Enforce if realtime else franky.RealtimeConfig.Ignore
    robot = answer_of(
        lambda: franky.Robot(host, relative_dynamics_factor=1.0, realtime_config=config), "The robot"
    )
    try:
        description = _description(robot)
        if description is not None:
            _expect_arm(description, arm)
            limits = _narrowed(limits, description)
        robot.set_collision_behavior(list(limits.collision.torque), list(limits.collision.force))
        for name, value in _dynamics(limits).items():
            _set(robot, name, value)
    except RobotFault:
        raise
    except Exception as error:
        raise fault_of(error) from error
    return ConnectedArm(robot, limits)


def _dynamics(limits: WorkingLimits) -> dict[str, list[float] | float]:
    """Every dynamic limit of franky that bounds a motion, by its name there."""
    cartesian, share = OURS.cartesian, limits.speed_factor
    return {
        "joint_velocity_limit": list(limits.velocity),
        "joint_acceleration_limit": list(limits.acceleration),
        "joint_jerk_limit": list(limits.jerk),
        "translation_velocity_limit": share * cartesian.speed,
        "translation_acceleration_limit": share * cartesian.acceleration,
        "translation_jerk_limit": share * cartesian.jerk,
        "rotation_velocity_limit": share * cartesian.turning,
        "rotation_acceleration_limit": share * cartesian.turning_acceleration,
        "rotation_jerk_limit": share * cartesian.turning_jerk,
    }


def _set(robot: Any, name: str, value: list[float] | float) -> None:
    limit = getattr(robot, name)
    limit.set(value)
    factor = robot.relative_dynamics_factor
    taken = np.asarray(getattr(robot, name).get(), dtype=np.float64)
    whole = factor.velocity == factor.acceleration == factor.jerk == 1.0 and not factor.max_dynamics
    if not (whole and np.allclose(taken, value, rtol=1e-6, atol=0)):
        raise RobotFault(
            f"The limit `{name}` was set to {np.round(value, 4).tolist()}, but franky reports "
            f"{np.round(taken, 4).tolist()} (factor {factor.velocity:g}). Do not drive the arm with this build."
        )


def _description(robot: Any) -> ElementTree.Element | None:
    """The robot's own URDF; None where its system is too old to have one."""
    text = getattr(robot, "model_urdf", None)
    return ElementTree.fromstring(text) if text else None  # noqa: S314  the robot's own


def _expect_arm(description: ElementTree.Element, arm: Arm) -> None:
    name = description.get("name", "").lower()
    found = next((known for key, known in _ARMS.items() if name.startswith(key)), None)
    if found not in {None, arm}:
        raise RobotFault(
            f"The robot says that it is `{name}`, not an arm of kind `{arm}`. Name the right one."
        )


def _narrowed(limits: WorkingLimits, description: ElementTree.Element) -> WorkingLimits:
    """Within the ranges of the description as well."""
    ends = [
        (float(limit.get("lower", "nan")), float(limit.get("upper", "nan")))
        for joint in description.iter("joint")
        if joint.get("type") == "revolute" and (limit := joint.find("limit")) is not None
    ]
    try:
        if len(ends) != JOINTS:
            raise ValueError(f"it has {len(ends)} turning joints with limits instead of {JOINTS}")  # noqa: TRY301
        lower, upper = zip(*ends, strict=True)
        return limits.narrowed(JointRange(lower=lower, upper=upper))
    except ValueError as error:
        raise RobotFault(f"The robot's own description does not fit the limits: {error}.") from error

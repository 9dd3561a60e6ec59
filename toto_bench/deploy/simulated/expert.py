"""Picking the cube up with what a simulation knows: a function of the state, for demonstrations and as a ceiling."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.kinematics import OPENING, ArmPose, forward, jacobian
from toto_bench.deploy.limits import OURS, Vector
from toto_bench.deploy.types import Command, RobotState
from toto_bench.robots.experts.arm import axes, turn_to

Floats = NDArray[np.float64]
_REST = np.array([0.0, -0.3, 0.0, -2.2, 0.0, 2.0, 0.785])
"""Joints that are preferred where the hand leaves a choice, rad."""
_DAMPING = 0.02
_NEAR = 0.008
"""m; the fingers close when the tool is so near to the cube's centre."""
_CARRIES = 0.03
"""m; a closed gripper so near to the cube's centre holds it."""
_CLEAR = 0.09
"""Height above the cube at which nothing touches it, m."""
_CONE = 4.0
"""How steep the funnel above the cube is."""


@dataclass(frozen=True)
class PickExpert:
    """Above the cube, turned to its sides, down inside a cone, closed, up."""

    rate_hz: float = 10.0
    """Commands per second."""
    speed: float = 0.18
    """Largest velocity, as a share of the joints' strictest limits."""
    side: float = 0.045
    """Of the cube, m."""
    lift: float = 0.15
    """How high the tool is lifted, m above the table."""

    def __call__(self, robot: RobotState, cube: Floats) -> Command:
        """The next command.

        Args:
            robot: as measured.
            cube: x, y, z in the frame of the arm's base, m, and its yaw, rad: [4].
        """
        pose = forward(robot.q)
        width = robot.gripper * OPENING
        turning = _turning(pose, cube[3])
        offset = pose.tool - cube[:3]
        beside, tilt = float(np.linalg.norm(offset[:2])), float(np.linalg.norm(turning))
        around = bool(np.linalg.norm(offset) < _CARRIES and width < self.side + 0.012)
        held = around and abs(width - self.side) < 0.006
        closing = around or (beside < _NEAR and abs(offset[2]) < _NEAR and tilt < 0.1)
        goal = np.array(cube[:3])
        if held:
            goal = np.array([*pose.tool[:2], self.lift])
        elif not closing:
            height = _CONE * max(beside - _NEAR / 2, 0.0) + 0.3 * max(tilt - 0.08, 0.0)
            empty = width < self.side + 0.02 and offset[2] > 0.02
            goal[2] += _CLEAR if empty else min(height, _CLEAR)
        elif not held:
            goal, turning = pose.tool, np.zeros(3)
        q = robot.q + self._step(robot.q, pose, np.concatenate([goal - pose.tool, turning]))
        return Command(np.asarray(q), 0.0 if closing else 1.0)

    def _step(self, q: Vector, pose: ArmPose, way: Floats) -> Floats:
        """Joints' part of a way of the tool [6], not faster than allowed."""
        columns = jacobian(pose)
        inverse = columns.T @ np.linalg.inv(columns @ columns.T + _DAMPING**2 * np.eye(6))
        free = np.eye(len(q)) - inverse @ columns
        step = inverse @ way + free @ np.clip(0.05 * (_REST - q), -0.02, 0.02)
        largest = self.speed * np.array(OURS.velocity) / self.rate_hz
        return np.asarray(step * min(1.0, 1 / float(np.abs(step / largest).max(initial=1e-9))))


def _turning(pose: ArmPose, yaw: float) -> Floats:
    """The rotation vector that turns the hand downwards, its fingers beside the nearest faces of the cube, [3]."""
    present = np.arctan2(pose.hand[1, 1], pose.hand[0, 1])
    yaw += round((present - yaw) / (np.pi / 2)) * (np.pi / 2)
    wanted = axes(np.array([[0.0, 0.0, -1.0]]), np.array([[np.cos(yaw), np.sin(yaw), 0.0]]))
    return np.asarray(turn_to(pose.hand[None, :3, :3], wanted)[0])

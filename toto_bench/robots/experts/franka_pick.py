"""Lifting the cube with the Franka: a funnel above it, a grip, a lift. A function of the state."""

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.experts.arm import Arm, Floats, axes, turn_to, velocity_to
from toto_bench.robots.tasks import ManipulationTask, PickTask

_GRASP = (0.0, 0.0, 0.1034)
"""Between the fingertips, in the axes of the hand, m."""
_REST = (0.0, -0.3, 0.0, -2.2, 0.0, 2.0, 0.785)
_OPEN = 0.068
"""Opening with which the fingers pass on both sides of the cube, m."""
_OFF_TABLE = 0.45
"""Height of the cube from which it is also carried nearer, because the goal is high for a stretched arm, m."""
_HIGH = (0.6, 0.0, 0.8)
"""Where the cube is held at the end, m."""
_CLEAR = 0.09
"""Height above the cube's centre at which nothing touches it, m."""
_ACROSS = np.pi / 2
"""Direction in which the fingers close, rad. Always the same: the faces nearest to the hand's present direction would
change at once where two pairs are equally near, and a policy that learns from them stands still between the two."""


class FrankaPickExpert:
    """Above the cube, turned to its sides, down inside a cone, closed, up."""

    def __init__(self, task: ManipulationTask) -> None:
        if not isinstance(task, PickTask):
            raise TypeError("This expert lifts cubes.")
        self._arm = Arm(task, _GRASP, _REST)

    def __call__(self, task: ManipulationTask) -> NDArray[np.float32]:
        """Actions [N, 9]."""
        assert isinstance(task, PickTask)
        cube, point = task.cube[:, :3], self._arm.point
        side = task.spec.object_size or 0.0
        turning = turn_to(self._arm.turn, self._wanted(task.cube))
        width = task.joints[:, 7:].sum(1)
        offset = point - cube
        # across the cone the error along the fingers counts less: the fingers centre the cube
        beside = np.linalg.norm(offset[:, :2], axis=1)
        tilt = np.linalg.norm(turning, axis=1)
        near = (beside < 0.012) & (np.abs(offset[:, 2]) < 0.012) & (tilt < 0.12)
        around = (beside < 0.025) & (np.abs(offset[:, 2]) < 0.025) & (width < side + 0.012)
        around &= (width > side - 0.012) & (tilt < 0.4)
        closing = near | around
        held = around & (task.targets[:, 7:].sum(1) < side - 0.01)
        height = np.clip(4 * (beside - 0.006) + 0.3 * (tilt - 0.1), 0, _CLEAR)
        height = np.where((width < _OPEN) & (offset[:, 2] > 0.02), _CLEAR, height)
        goal = cube + np.stack([0 * height, 0 * height, height], axis=1)
        risen = np.clip((cube[:, 2:] - _OFF_TABLE) / 0.15, 0, 1)
        towards = np.concatenate(
            [risen * (np.array(_HIGH[:2]) - cube[:, :2]), _HIGH[2] - cube[:, 2:]], axis=1
        )
        goal[held] = (point + towards)[held]
        linear = velocity_to(goal - point, 5.0, 0.6)
        arm = self._arm.action(linear, velocity_to(turning, 5.0, 2.5))
        fingers = np.where(closing[:, None], task.low[7:], task.high[7:])
        grip = (fingers - task.targets[:, 7:]) / task.reach[7:]
        return np.asarray(np.clip(np.concatenate([arm, grip], axis=1), -1, 1), dtype=np.float32)

    def _wanted(self, cube: Floats) -> Floats:
        """Axes of the hand that point down, the fingers beside the two faces of the cube nearest to `_ACROSS`."""
        down = np.tile([0.0, 0.0, -1.0], (len(cube), 1))
        w, x, y, z = cube[:, 3:].T
        yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y**2 + z**2))
        yaw = yaw + np.round((_ACROSS - yaw) / (np.pi / 2)) * (np.pi / 2)
        return axes(down, np.stack([np.cos(yaw), np.sin(yaw), 0 * yaw], axis=1))

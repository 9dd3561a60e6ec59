"""Lifting the cube with the Kuka: the palm over it, two fingers against the thumb, a lift. A function of the state."""

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.experts.arm import Arm, Floats, axes, turn_to, velocity_to
from toto_bench.robots.tasks import ManipulationTask, PickTask

_GRASP = (0.114, -0.005, 0.134)
"""Between thumb, index and middle finger, in the axes of the hand's mount, m."""
_REST = (0.0, 0.3, 0.0, -1.6, 0.0, 0.8, 0.0)
_OPEN = np.array([0, 0.6, 0.4, 0.2] * 3 + [1.57, 0.0, 0.1, 0.1])
"""Finger joints beside the cube: index, middle, ring, thumb, rad."""
_CLOSED = np.array([0, 0.92, 0.25, 0.2] * 2 + [0, 0.6, 0.4, 0.2] + [1.57, 0.0, 0.7, 0.5])
_PITCH = 0.44
"""How far the fingers point down at the table, rad."""
_HIGH = (0.62, 0.0, 0.77)
"""Where the cube is held at the end, m."""
_CLEAR = 0.11
"""Height above the cube's centre at which nothing touches it, m."""


class KukaPickExpert:
    """Above the cube, across the robot, down inside a cone, closed, up."""

    def __init__(self, task: ManipulationTask) -> None:
        if not isinstance(task, PickTask):
            raise TypeError("This expert lifts cubes.")
        self._arm = Arm(task, _GRASP, _REST, lift=5.0)

    def __call__(self, task: ManipulationTask) -> NDArray[np.float32]:
        """Actions [N, 23]."""
        assert isinstance(task, PickTask)
        cube, point = task.cube[:, :3], self._arm.point
        turning = turn_to(self._arm.turn, self._wanted(task.cube))
        tilt = np.linalg.norm(turning, axis=1)
        offset = point - cube
        beside = np.linalg.norm(offset[:, :2], axis=1)
        fingers = task.joints[:, 7:]
        near = (beside < 0.015) & (np.abs(offset[:, 2]) < 0.012) & (tilt < 0.15)
        shut = (fingers[:, 14:].sum(1) > 0.45) & (fingers[:, 5] > 0.68)
        around = (beside < 0.03) & (np.abs(offset[:, 2]) < 0.03) & (tilt < 0.5) & shut
        held = around & self._pressing(task)
        height = np.clip(4 * (beside - 0.008) + 0.3 * (tilt - 0.12), 0, _CLEAR)
        spread = np.abs(fingers - _OPEN)[:, [1, 2, 5, 6, 12, 14, 15]].max(1)
        height = np.where((spread > 0.3) & (offset[:, 2] > 0.03), _CLEAR, height)
        goal = cube + np.stack([0 * height, 0 * height, height], axis=1)
        risen = np.clip((cube[:, 2:] - 0.45) / 0.15, 0, 1)
        towards = np.concatenate(
            [risen * (np.array(_HIGH[:2]) - cube[:, :2]), _HIGH[2] - cube[:, 2:]], axis=1
        )
        goal[held] = (point + towards)[held]
        linear = velocity_to(goal - point, 5.0, 0.5)
        arm = self._arm.action(linear, velocity_to(turning, 5.0, 2.0))
        wanted = np.where((near | around)[:, None], _CLOSED, _OPEN)
        hand = (wanted - task.targets[:, 7:]) / task.reach[7:]
        return np.asarray(np.clip(np.concatenate([arm, hand], axis=1), -1, 1), dtype=np.float32)

    def _pressing(self, task: PickTask) -> NDArray[np.bool_]:
        """Whether thumb and fingers are closed as far as the cube lets them: it is off the table, or they rest."""
        thumb = (task.targets[:, 21] - task.joints[:, 21] > 0.03) & (task.targets[:, 21] > 0.5)
        resting = (np.abs(task.speeds[:, [8, 12, 21]]) < 0.5).all(1)
        start = task.spec.object_start
        lifted = task.cube[:, 2] > (start[2] if start else 0.0) + 0.015
        return np.asarray(thumb & (resting | lifted))

    def _wanted(self, cube: Floats) -> Floats:
        """Axes of the mount: palm down, fingers away from the robot along the cube's faces.

        On the table the fingers point down a little, else the nearer cubes are out of the elbow's reach; in the air
        they do not, else the goal is out of it.
        """
        w, x, y, z = cube[:, 3:].T
        yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y**2 + z**2))
        yaw = yaw - np.round(yaw / (np.pi / 2)) * (np.pi / 2)
        pitch = _PITCH * np.clip(1 - (cube[:, 2] - 0.45) / 0.15, 0, 1)
        level = np.stack([-np.cos(yaw), -np.sin(yaw), 0 * yaw], axis=1)
        down = np.array([0.0, 0.0, -1.0])
        forward = np.cos(pitch)[:, None] * level + np.sin(pitch)[:, None] * down
        return axes(forward, np.cross(level, down))

"""Opening the drawer with the Kuka: fingers bent down behind the bar, a pull. A function of the state."""

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.experts.arm import Arm, axes, turn_to, velocity_to
from toto_bench.robots.tasks import CabinetTask, ManipulationTask

_HOOK = (0.045, -0.026, 0.172)
"""Middle of the bent fingers, in the axes of the hand's mount, m."""
_REST = (0.0, 0.0, 0.0, -1.6, 0.0, 0.8, 0.0)
_BENT = np.array([0, 0.0, 1.35, 0.25] * 3 + [0.3, 0.0, 0.0, 0.0])
"""Finger joints of the hook: index, middle, ring, thumb, rad."""
_BEHIND = 0.0295
"""From the point to be held to the middle of the gap between bar and drawer, m."""
_CLEAR = 0.09
"""Height above the bar at which the bent fingers touch nothing, m."""


class KukaCabinetExpert:
    """Above the gap behind the bar, fingers bent, down inside a cone, back."""

    def __init__(self, task: ManipulationTask) -> None:
        if not isinstance(task, CabinetTask):
            raise TypeError("This expert opens drawers.")
        self._arm = Arm(task, _HOOK, _REST, lift=5.0)

    def __call__(self, task: ManipulationTask) -> NDArray[np.float32]:
        """Actions [N, 23]."""
        assert isinstance(task, CabinetTask)
        gap = task.handle.copy()
        gap[:, 0] -= _BEHIND
        point = self._arm.point
        count = len(gap)
        wanted = axes(np.tile([-1.0, 0.0, 0.0], (count, 1)), np.tile([0.0, -1.0, 0.0], (count, 1)))
        turning = turn_to(self._arm.turn, wanted)
        tilt = np.linalg.norm(turning, axis=1)
        offset = point - gap
        unbent = np.abs(task.joints[:, 7:19] - _BENT[:12]).max(1)
        inside = (np.abs(offset[:, 2]) < 0.02) & (offset[:, 0] > -0.012) & (offset[:, 0] < 0.024)
        hooked = inside & (np.abs(offset[:, 1]) < 0.05) & (unbent < 0.5) & (tilt < 0.35)
        beside = np.hypot(offset[:, 0], np.maximum(np.abs(offset[:, 1]) - 0.02, 0))
        height = np.clip(8 * (beside - 0.005) + 0.5 * (tilt - 0.1), 0, _CLEAR)
        low = offset[:, 2] < _CLEAR - 0.03
        # fingers that are not bent yet would come down on the drawer: they wait before the bar
        waiting = (unbent > 0.15) & ~hooked
        goal = gap.copy()
        goal[:, 2] += np.where(waiting, _CLEAR, height)
        goal[waiting, 0] += 0.06
        # from below or beside the bar: first up, then across
        astray = low & ((beside > 0.025) | waiting)
        goal[astray, :2] = point[astray, :2]
        linear = velocity_to(goal - point, 5.0, 0.5)
        pull = np.clip(4 * (task.spec.drawer_travel - 0.02 - task.opening), -0.05, 0.3)
        linear[hooked, 0] = pull[hooked]
        arm = self._arm.action(linear, velocity_to(turning, 5.0, 2.0))
        hand = (_BENT - task.targets[:, 7:]) / task.reach[7:]
        return np.asarray(np.clip(np.concatenate([arm, hand], axis=1), -1, 1), dtype=np.float32)

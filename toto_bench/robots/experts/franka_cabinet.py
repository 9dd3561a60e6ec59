"""Opening the drawer with the Franka: a funnel before the bar, a grip, a pull. A function of the state."""

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.experts.arm import Arm, axes, turn_to, velocity_to
from toto_bench.robots.tasks import CabinetTask, ManipulationTask

_GRASP = (0.0, 0.0, 0.1034)
"""Between the fingertips, in the axes of the hand, m."""
_REST = (0.0, -0.9, 0.0, -2.6, 0.0, 3.2, 0.785)
_OPEN = 0.05
"""Opening with which the fingers pass above and below the bar, m."""
_CLEAR = 0.08
"""Distance from the bar at which nothing touches it, m."""
_BAR = 0.021
"""Thickness of the bar, m."""


class FrankaCabinetExpert:
    """Before the bar, fingers above and below, on to it inside a cone, closed, back."""

    def __init__(self, task: ManipulationTask) -> None:
        if not isinstance(task, CabinetTask):
            raise TypeError("This expert opens drawers.")
        self._arm = Arm(task, _GRASP, _REST)

    def __call__(self, task: ManipulationTask) -> NDArray[np.float32]:
        """Actions [N, 9]."""
        assert isinstance(task, CabinetTask)
        handle, point, opening = task.handle, self._arm.point, task.opening
        count = len(handle)
        side = np.sign(self._arm.turn[:, 2, 1] + 1e-6)
        up = np.stack([np.zeros(count), np.zeros(count), side], axis=1)
        turning = turn_to(self._arm.turn, axes(np.tile([-1.0, 0.0, 0.0], (count, 1)), up))
        width = task.joints[:, 7:].sum(1)
        offset = point - handle
        beside = np.hypot(np.maximum(np.abs(offset[:, 1]) - 0.02, 0), offset[:, 2])
        tilt = np.linalg.norm(turning, axis=1)
        near = (beside < 0.008) & (np.abs(offset[:, 0]) < 0.006) & (tilt < 0.15)
        around = (np.abs(offset[:, 2]) < 0.02) & (np.abs(offset[:, 0]) < 0.013) & (tilt < 0.6)
        around &= (width < _BAR + 0.012) & (width > _BAR - 0.012) & (np.abs(offset[:, 1]) < 0.07)
        held = around & (task.targets[:, 7:].sum(1) < _BAR - 0.01)
        back = np.clip(4 * (beside - 0.004) + 0.3 * (tilt - 0.1), 0, _CLEAR)
        back = np.where((width < _OPEN) & (offset[:, 0] > 0.01), _CLEAR, back)
        goal = handle.copy()
        goal[:, 0] += back - 0.002
        linear = velocity_to(goal - point, 5.0, 0.6)
        pull = np.clip(4 * (task.spec.drawer_travel - 0.03 - opening), -0.3, 0.3)
        linear[held, 0] = pull[held]
        arm = self._arm.action(linear, velocity_to(turning, 5.0, 2.5))
        fingers = np.where((near | around)[:, None], task.low[7:], task.high[7:])
        grip = (fingers - task.targets[:, 7:]) / task.reach[7:]
        return np.asarray(np.clip(np.concatenate([arm, grip], axis=1), -1, 1), dtype=np.float32)

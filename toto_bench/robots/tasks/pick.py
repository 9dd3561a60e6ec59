"""Lift a cube from a table to a height."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.scenes.pick import CUBE
from toto_bench.robots.spec import SceneSpec
from toto_bench.robots.tasks.base import Bools, Floats, ManipulationTask


class PickTask(ManipulationTask):
    """The cube's centre has to be held near the goal height."""

    _NEAR: ClassVar[dict[str, tuple[tuple[float, ...], float, float, float]]] = {
        "franka": ((0.08, 0.08), 0.02, 0.015, 0.04),
        "kuka-allegro": ((0.04, 0.04, 0.04, 0.08), 0.03, 0.02, 0.06),
    }
    """Reward of PixMC, commit 5746656: weight of each fingertip, nearest distance that counts, lift and goal
    distance that earn a bonus, m."""

    def __init__(self, spec: SceneSpec, num_envs: int, threads: int = 1) -> None:
        super().__init__(spec, num_envs, threads)
        start = self.model.joint(CUBE).qposadr[0]
        self._cube = self._qpos[:, start : start + 7]
        self._height = spec.object_start[2] if spec.object_start else 0.0

    @property
    def cube(self) -> Floats:
        """Position and quaternion (w, x, y, z) of the cube: [N, 7]."""
        return np.array(self._cube)

    def _place(self, index: int, generator: np.random.Generator) -> None:
        offset = generator.uniform(-1, 1, 3) * np.array(self.spec.object_range)
        self._cube[index] = [*(np.array(self.spec.object_start) + offset), 1, 0, 0, 0]

    def _reached(self) -> Bools:
        distance = np.abs(self._cube[:, 2] - self.spec.goal_height)
        return np.asarray(distance <= self.spec.goal_tolerance)

    def _dropped(self) -> Bools:
        return np.asarray(self._height - self._cube[:, 2] > self.spec.drop_limit)

    def _reward(self) -> Floats:
        weights, nearest, lifted, close = self._NEAR[self.spec.robot]
        distance = np.linalg.norm(self.tips - self._cube[:, None, :3], axis=2)
        reward = (np.array(weights) / (0.04 + np.maximum(distance, nearest))).sum(1)
        above = self._cube[:, 2] - self._height > lifted
        to_goal = np.abs(self._cube[:, 2] - self.spec.goal_height)
        return np.asarray(reward + above * (2.0 + 1.28 / (0.04 + to_goal)) + 2.0 * (to_goal <= close))

    def _goal(self) -> dict[str, NDArray[np.floating]]:
        return {"cube": self.cube}

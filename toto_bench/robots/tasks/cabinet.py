"""Pull a drawer open."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.scenes.cabinet import DRAWER, DRAWER_ORIGIN, HANDLE, prop_offsets
from toto_bench.robots.spec import SceneSpec
from toto_bench.robots.tasks.base import Bools, Floats, ManipulationTask


class CabinetTask(ManipulationTask):
    """The drawer has to be held open; with the Franka, with both fingertips at its bar."""

    _WEIGHTS: ClassVar[dict[str, tuple[tuple[float, ...], float, float]]] = {
        "franka": ((0.06, 0.06), 0.016, 0.008),
        "kuka-allegro": ((0.04, 0.04, 0.04, 0.08), 0.04, 0.0),
    }
    """Reward of PixMC, commit 5746656: weight of each fingertip, offset and nearest distance that counts, m."""

    def __init__(self, spec: SceneSpec, num_envs: int, threads: int = 1) -> None:
        super().__init__(spec, num_envs, threads)
        self._cabinet = self.batch.bind("mocap_pos")[:, 0]
        self._drawer = self._qpos[:, self.model.joint(DRAWER).qposadr[0]]
        self._bar = self.model.site(HANDLE).id
        self._props = [self.model.joint(f"prop{number}").qposadr[0] for number in range(spec.props)]

    @property
    def opening(self) -> Floats:
        """How far the drawer is out, m: [N]."""
        return np.array(self._drawer)

    @property
    def handle(self) -> Floats:
        """The point of the bar to be held: [N, 3]."""
        return np.asarray(self._sites[:, self._bar])

    def _place(self, index: int, generator: np.random.Generator) -> None:
        offset = generator.uniform(-1, 1, 3) * np.array(self.spec.cabinet_range)
        cabinet = np.array(self.spec.cabinet_start) + offset
        self._cabinet[index] = cabinet
        for adr, place in zip(self._props, prop_offsets(self.spec.props), strict=True):
            self._qpos[index, adr : adr + 7] = [*(cabinet + np.array(DRAWER_ORIGIN) + place), 1, 0, 0, 0]

    def _reached(self) -> Bools:
        reached = self._drawer >= self.spec.goal_opening
        if self.spec.fingertip_distance is not None:
            reached = reached & (self._distances() < self.spec.fingertip_distance).all(1)
        return np.asarray(reached)

    def _dropped(self) -> Bools:
        return np.zeros(self.num_envs, dtype=bool)

    def _distances(self) -> Floats:
        return np.asarray(np.linalg.norm(self.tips - self.handle[:, None], axis=2))

    def _reward(self) -> Floats:
        weights, offset, nearest = self._WEIGHTS[self.spec.robot]
        distance = self._distances()
        opening = self._drawer
        reward = (np.array(weights) / (offset + np.maximum(distance, nearest))).sum(1)
        reward = reward + (opening > 0.01) + 6 * opening + (self.spec.drawer_travel - opening <= 0.1)
        if self.spec.robot == "franka":
            height = self.tips[:, :, 2] - self.handle[:, None, 2]
            around = 0.5 * (height[:, 0] * height[:, 1] < 0)
            reward = reward + around + 6 * around * (distance < 0.04).all(1) * opening
        return np.asarray(reward)

    def _goal(self) -> dict[str, NDArray[np.floating]]:
        return {"handle": self.handle, "opening": self.opening}

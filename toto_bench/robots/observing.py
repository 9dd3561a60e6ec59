"""What the policies of the environments are shown: joints, and the pictures of the wrist cameras."""

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from toto_bench.robots.generators import Mask
from toto_bench.robots.scenes import FRONT
from toto_bench.robots.tasks import ManipulationTask
from toto_bench.robots.views import Views

Observation = dict[str, NDArray[Any]]
IMAGE, PROPRIO = "image", "proprio"


class Observer:
    """Looks at the environments of a task; without pictures no graphics library is touched."""

    def __init__(self, task: ManipulationTask, *, images: bool, side: int, backend: str) -> None:
        """Remember what to look at.

        Args:
            task: the environments.
            images: whether observations hold pictures.
            side: of the pictures, in pixels.
            backend: of the renderer.
        """
        self.views = Views(task, side, backend)
        self._task, self._images = task, images

    @property
    def space(self) -> spaces.Dict:
        """Of one environment."""
        width, side = 2 * self._task.num_actions, self.views.size
        found: dict[str, spaces.Space[Any]] = {PROPRIO: spaces.Box(-np.inf, np.inf, (width,), np.float32)}
        if self._images:
            found[IMAGE] = spaces.Box(0, 255, (side, side, 3), np.uint8)
        return spaces.Dict(found)

    def look(self) -> Observation:
        """`proprio` float32 [N, P] and, with pictures, `image` uint8 [N, H, W, 3]."""
        observation: Observation = {PROPRIO: self._task.proprio()}
        if self._images:
            observation[IMAGE] = self.views.draw(range(self._task.num_envs))
        return observation

    def look_again(self, last: Observation, mask: Mask) -> Observation:
        """As `look`, where nothing has changed since but the environments of a mask; the pictures are reused."""
        observation: Observation = {PROPRIO: self._task.proprio()}
        if self._images:
            observation[IMAGE] = last[IMAGE]
            observation[IMAGE][mask] = self.views.draw(np.flatnonzero(mask))
        return observation

    def front(self) -> tuple[NDArray[np.uint8], ...]:
        """What a camera in front of each robot sees: N pictures uint8 [H, W, 3]."""
        return tuple(self.views.draw(range(self._task.num_envs), FRONT))

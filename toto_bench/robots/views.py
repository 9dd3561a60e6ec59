"""Pictures of many environments, drawn one after another by one renderer."""

from collections.abc import Iterable

import mujoco
import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.scenes import CAMERA
from toto_bench.robots.tasks import ManipulationTask
from toto_bench.simulation.renderer import FrameRenderer


class Views:
    """Draws what the cameras of a task see; the renderer is made at the first picture.

    It belongs to the thread that draws. A square picture with the camera's vertical field of view is the centre crop
    of the wider picture that PixMC renders.
    """

    def __init__(self, task: ManipulationTask, size: int, backend: str = "auto") -> None:
        """Remember what to draw.

        Args:
            task: the environments.
            size: side of the pictures, in pixels.
            backend: of the renderer.
        """
        self.size = size
        self._task, self._backend = task, backend
        self._factor = task.spec.supersampling
        self._renderer: FrameRenderer | None = None
        self._data = mujoco.MjData(task.model)

    def draw(self, ids: Iterable[int], camera: str = CAMERA) -> NDArray[np.uint8]:
        """Pictures of these environments: uint8 [n, H, W, 3].

        Raises:
            RenderingError: the backend does not work here.
        """
        chosen = list(ids)
        pictures = np.empty((len(chosen), self.size, self.size, 3), dtype=np.uint8)
        for place, index in enumerate(chosen):
            pictures[place] = self._one(index, camera)
        return pictures

    def close(self) -> None:
        """Give the renderer back; the next picture makes a new one."""
        if self._renderer is not None:
            self._renderer.close()
        self._renderer = None

    def _one(self, index: int, camera: str) -> NDArray[np.uint8]:
        task, side = self._task, self.size * self._factor
        if self._renderer is None:
            self._renderer = FrameRenderer(task.model, side, side, self._backend)
        task.batch.get_data(index, self._data)
        if not np.isfinite(self._data.qpos).all():
            return np.zeros((self.size, self.size, 3), dtype=np.uint8)
        mujoco.mj_kinematics(task.model, self._data)
        mujoco.mj_comPos(task.model, self._data)
        mujoco.mj_camlight(task.model, self._data)
        picture = self._renderer.image(self._data, camera)
        if self._factor == 1:
            return picture
        blocks = picture.reshape(self.size, self._factor, self.size, self._factor, 3)
        return np.asarray(blocks.mean((1, 3)).round().astype(np.uint8))

"""Drawing what a camera of the scene sees, from the state alone: of our simulation, or of another one's."""

import mujoco
import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.simulated.scene import CubeScene, build_scene
from toto_bench.deploy.simulated.settings import SceneSettings
from toto_bench.deploy.simulated.state import SceneState
from toto_bench.simulation.renderer import FrameRenderer

SIDE = 224
"""Of a picture, in pixels."""


class ScenePainter:
    """Draws one camera's pictures into a private copy of the scene, so that no simulation has to wait for it.

    It belongs to the thread that draws first: so do OpenGL's contexts.
    """

    def __init__(
        self,
        camera: str,
        *,
        height: int = SIDE,
        width: int = SIDE,
        settings: SceneSettings | None = None,
        backend: str = "auto",
    ) -> None:
        """Remember what is drawn; nothing is opened yet.

        Args:
            camera: `front` or `wrist`.
            height: of the pictures, in pixels.
            width: of the pictures, in pixels.
            settings: of the scene; None: as it comes.
            backend: as for `FrameRenderer`.
        """
        self.camera, self.size = camera, (height, width)
        self._settings, self._backend = settings, backend
        self._scene: CubeScene | None = None
        self._renderer: FrameRenderer | None = None

    def draw(self, state: SceneState) -> NDArray[np.uint8]:
        """The picture: uint8 [H, W, 3], RGB.

        Raises:
            RenderingError: nothing can be drawn on this machine in this way.
        """
        if self._scene is None or self._renderer is None:
            self._scene = build_scene(self._settings)
            self._data = mujoco.MjData(self._scene.model)
            self._renderer = FrameRenderer(self._scene.model, *self.size, self._backend)
        self._scene.write(self._data, state)
        mujoco.mj_kinematics(self._scene.model, self._data)
        mujoco.mj_comPos(self._scene.model, self._data)
        mujoco.mj_camlight(self._scene.model, self._data)
        return self._renderer.image(self._data, self.camera)

    def close(self) -> None:
        """Give the context back, in the thread that drew; a second time does nothing."""
        if self._renderer is not None:
            self._renderer.close()
        self._renderer = self._scene = None

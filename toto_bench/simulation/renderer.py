"""Images and geom ids of a MuJoCo model, with whatever renders on this machine."""

from collections.abc import Collection
from types import TracebackType
from typing import Protocol, Self

import mujoco
import numpy as np
from numpy.typing import NDArray

from toto_bench.simulation.backends import RAY, choose_backend
from toto_bench.simulation.drawing import GLDrawing
from toto_bench.simulation.ray import RayDrawing


class _Drawing(Protocol):
    def image(self, data: mujoco.MjData, camera: int) -> NDArray[np.uint8]: ...

    def segmentation(
        self, data: mujoco.MjData, camera: int, only: Collection[int] | None
    ) -> NDArray[np.int32]: ...

    def close(self) -> None: ...


class FrameRenderer:
    """Draws one model, without shadows and multisampling, until it is closed.

    It belongs to the thread that made it. What moves is read from the data at each call; lights and fixed cameras are
    read from the model through `mujoco.mj_camlight`, so that both can be moved by writing to it.

    ```python
    with FrameRenderer(model, 240, 320) as renderer:
        image = renderer.image(data, "front")
    ```
    """

    def __init__(self, model: mujoco.MjModel, height: int, width: int, backend: str = "auto") -> None:
        """Make the context.

        Args:
            model: what is drawn.
            height: of the images, in pixels.
            width: of the images, in pixels.
            backend: `egl`, `osmesa`, `ray`, or `auto` for the first that works.

        Raises:
            RenderingError: the backend does not work here.
        """
        self.backend = choose_backend(backend)
        self._model = model
        make = RayDrawing if self.backend == RAY else GLDrawing
        self._drawing: _Drawing | None = make(model, height, width, self.backend)

    def image(self, data: mujoco.MjData, camera: str | int = 0) -> NDArray[np.uint8]:
        """The picture of a camera (name or number): uint8 [H, W, 3] RGB."""
        return self._open().image(data, self._camera(camera))

    def segmentation(
        self, data: mujoco.MjData, camera: str | int = 0, *, only: Collection[int] | None = None
    ) -> NDArray[np.int32]:
        """The geom seen at each pixel: int32 [H, W], -1 where there is none.

        Args:
            data: the state.
            camera: name or number.
            only: geoms that are there at all; the others hide nothing. None: all.
        """
        return self._open().segmentation(data, self._camera(camera), only)

    def close(self) -> None:
        """Give the context back; a second time does nothing."""
        if self._drawing is not None:
            self._drawing.close()
        self._drawing = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> _Drawing:
        if self._drawing is None:
            raise ValueError("The renderer is closed.")
        return self._drawing

    def _camera(self, camera: str | int) -> int:
        if isinstance(camera, int):
            return camera
        found = mujoco.mj_name2id(self._model, mujoco.mjtObj.mjOBJ_CAMERA.value, camera)
        if found < 0:
            raise ValueError(f"The model has no camera `{camera}`.")
        return int(found)

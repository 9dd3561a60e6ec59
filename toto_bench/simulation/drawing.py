"""Drawing with OpenGL: MuJoCo's classic renderer in a context of ours."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import mujoco
import numpy as np
from numpy.typing import NDArray

from toto_bench.simulation.gl import make_context
from toto_bench.simulation.groups import only_these

MAX_GEOMS = 2000
_FLAGS = mujoco.mjtRndFlag


class GLDrawing:
    """One model in one OpenGL context."""

    def __init__(self, model: mujoco.MjModel, height: int, width: int, backend: str) -> None:
        self._model = model
        self._size = (height, width)
        self._rect = mujoco.MjrRect(0, 0, width, height)
        self._scene = mujoco.MjvScene(model, maxgeom=MAX_GEOMS)
        for flag in (_FLAGS.mjRND_SHADOW, _FLAGS.mjRND_REFLECTION):
            self._scene.flags[flag.value] = 0
        self._option = mujoco.MjvOption()
        self._camera = mujoco.MjvCamera()
        self._camera.type = mujoco.mjtCamera.mjCAMERA_FIXED.value
        self._gl = make_context(backend, height, width)
        self._gl.make_current()
        with _buffer_of(model, height, width):
            self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, self._context)

    def image(self, data: mujoco.MjData, camera: int) -> NDArray[np.uint8]:
        """Picture: uint8 [H, W, 3]."""
        self._update(data, camera)
        return self._draw()

    def segmentation(
        self, data: mujoco.MjData, camera: int, only: Collection[int] | None = None
    ) -> NDArray[np.int32]:
        """Geom ids: int32 [H, W]."""
        with only_these(self._model, only, self._option.geomgroup):
            self._update(data, camera)
        flags = self._scene.flags
        flags[_FLAGS.mjRND_SEGMENT.value] = flags[_FLAGS.mjRND_IDCOLOR.value] = 1
        try:
            colours = self._draw().astype(np.int32)
        finally:
            flags[_FLAGS.mjRND_SEGMENT.value] = flags[_FLAGS.mjRND_IDCOLOR.value] = 0
        numbers = colours[..., 0] + (colours[..., 1] << 8) + (colours[..., 2] << 16)
        return np.asarray(self._geoms()[numbers])

    def close(self) -> None:
        """Free MuJoCo's context while ours is current, then ours."""
        self._gl.make_current()
        self._context.free()
        self._gl.free()

    def _update(self, data: mujoco.MjData, camera: int) -> None:
        self._camera.fixedcamid = camera
        everything = mujoco.mjtCatBit.mjCAT_ALL.value
        mujoco.mjv_updateScene(self._model, data, self._option, None, self._camera, everything, self._scene)

    def _draw(self) -> NDArray[np.uint8]:
        pixels = np.empty((*self._size, 3), dtype=np.uint8)
        self._gl.make_current()
        mujoco.mjr_render(self._rect, self._scene, self._context)
        mujoco.mjr_readPixels(pixels, None, self._rect, self._context)
        return np.ascontiguousarray(pixels[::-1])

    def _geoms(self) -> NDArray[np.int32]:
        """Geom id of each segment colour; colour 0 is the background."""
        table = np.full(self._scene.ngeom + 1, -1, dtype=np.int32)
        for geom in self._scene.geoms[: self._scene.ngeom]:
            if geom.segid >= 0 and int(geom.objtype) == mujoco.mjtObj.mjOBJ_GEOM.value:
                table[geom.segid + 1] = geom.objid
        return table


@contextmanager
def _buffer_of(model: mujoco.MjModel, height: int, width: int) -> Iterator[None]:
    """The model asks for a buffer of this size, no multisampling and no shadow map, while the context is made.

    The map (4096 x 4096 by default) would take most of the time that making a context takes.
    """
    size, quality = model.vis.global_, model.vis.quality
    before = size.offheight, size.offwidth, quality.offsamples, quality.shadowsize
    size.offheight, size.offwidth, quality.offsamples, quality.shadowsize = height, width, 0, 0
    try:
        yield
    finally:
        size.offheight, size.offwidth, quality.offsamples, quality.shadowsize = before

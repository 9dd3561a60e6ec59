"""Drawing with rays: MuJoCo's ray caster and Lambert shading. Needs no graphics library; draws no textures."""

from collections.abc import Collection

import mujoco
import numpy as np
from numpy.typing import NDArray

from toto_bench.simulation.groups import only_these

_FAR = 1e3
_SKY = np.array([0.0, 0.0, 0.0])


class RayDrawing:
    """One model, seen by casting a ray through each pixel."""

    def __init__(self, model: mujoco.MjModel, height: int, width: int, backend: str = "ray") -> None:
        del backend
        self._model = model
        self._size = (height, width)
        self._colours = _colours(model)
        self._groups = np.array([1, 1, 1, 0, 0, 0], dtype=np.uint8)

    def image(self, data: mujoco.MjData, camera: int) -> NDArray[np.uint8]:
        """Picture: uint8 [H, W, 3]."""
        geoms, points, normals = self._cast(data, camera, None)
        seen = geoms >= 0
        light = _lambert(self._model, data, points, normals)
        colours = np.where(seen[:, None], self._colours[geoms] * light, _SKY)
        return (np.clip(colours, 0, 1) * 255).round().astype(np.uint8).reshape(*self._size, 3)

    def segmentation(
        self, data: mujoco.MjData, camera: int, only: Collection[int] | None = None
    ) -> NDArray[np.int32]:
        """Geom ids: int32 [H, W]."""
        geoms: NDArray[np.int32] = self._cast(data, camera, only)[0].reshape(self._size)
        return geoms

    def close(self) -> None:
        """There is nothing to give back."""

    def _cast(
        self, data: mujoco.MjData, camera: int, only: Collection[int] | None
    ) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
        """For each pixel: the geom [N], the point [N, 3] and its normal [N, 3]."""
        eye = data.cam_xpos[camera].copy()
        rays = self._rays(camera) @ data.cam_xmat[camera].reshape(3, 3).T
        count = len(rays)
        geoms, distances = np.empty(count, np.int32), np.empty(count)
        normals = np.zeros((count, 3))
        with only_these(self._model, only, self._groups):
            mujoco.mj_multiRay(
                self._model,
                data,
                eye,
                rays.ravel(),
                self._groups,
                True,
                -1,
                geoms,
                distances,
                normals.ravel(),
                count,
                _FAR,
            )
        return geoms, eye + rays * distances[:, None], normals

    def _rays(self, camera: int) -> NDArray[np.float64]:
        """Unit directions through the pixel centres in camera axes (x right, y up, looking along -z): [H*W, 3]."""
        height, width = self._size
        half = np.tan(np.radians(self._model.cam_fovy[camera]) / 2)
        y = (1 - (2 * np.arange(height) + 1) / height) * half
        x = ((2 * np.arange(width) + 1) / width - 1) * half * width / height
        rays = np.stack([*np.meshgrid(x, y), np.full((height, width), -1.0)], axis=-1).reshape(-1, 3)
        return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True))


def _colours(model: mujoco.MjModel) -> NDArray[np.float64]:
    """One colour per geom [G + 1, 3]: its material's, times the mean of the texture; the last is of no geom."""
    colours = np.zeros((model.ngeom + 1, 3))
    for geom in range(model.ngeom):
        material = model.geom_matid[geom]
        if material < 0:
            colours[geom] = model.geom_rgba[geom, :3]
            continue
        colours[geom] = model.mat_rgba[material, :3]
        texture = model.mat_texid[material, mujoco.mjtTextureRole.mjTEXROLE_RGB.value]
        if texture >= 0:
            colours[geom] *= _mean_colour(model, texture)
    return colours


def _mean_colour(model: mujoco.MjModel, texture: int) -> NDArray[np.float64]:
    channels = model.tex_nchannel[texture]
    start = model.tex_adr[texture]
    size = model.tex_height[texture] * model.tex_width[texture] * channels
    mean: NDArray[np.float64] = (
        model.tex_data[start : start + size].reshape(-1, channels)[:, :3].mean(0) / 255
    )
    return mean


def _lambert(
    model: mujoco.MjModel, data: mujoco.MjData, points: NDArray[np.float64], normals: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Light that falls on each point: [N, 3]."""
    head = model.vis.headlight
    light = np.tile(np.asarray(head.ambient, dtype=np.float64) * head.active, (len(points), 1))
    for index in range(model.nlight):
        if not model.light_active[index]:
            continue
        towards = data.light_xpos[index] - points
        if int(model.light_type[index]) == mujoco.mjtLightType.mjLIGHT_DIRECTIONAL.value:
            towards = np.broadcast_to(-data.light_xdir[index], points.shape)
        towards = towards / np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), 1e-9)
        facing = np.clip((normals * towards).sum(1, keepdims=True), 0, None)
        light = light + model.light_ambient[index] + facing * model.light_diffuse[index]
    return np.asarray(light)

"""Helpers to build models with MjSpec: meshes and surfaces from arrays."""

import mujoco
import numpy as np
from numpy.typing import NDArray


def add_mesh(spec: mujoco.MjSpec, name: str, vertices: NDArray[np.float64], faces: NDArray[np.int32]) -> str:
    """A mesh of vertices [V, 3] in metres and triangles [F, 3]; returns its name."""
    mesh = spec.add_mesh(name=name, uservert=vertices.ravel().tolist(), userface=faces.ravel().tolist())
    mesh.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_EXACT
    return name


def add_surface(
    spec: mujoco.MjSpec,
    name: str,
    texture: NDArray[np.uint8] | None,
    kind: mujoco.mjtTexture = mujoco.mjtTexture.mjTEXTURE_CUBE,
    *,
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0),
    shine: float = 0.2,
    repeat: float = 1.0,
) -> str:
    """A material, with a texture if there is one; returns its name.

    Args:
        spec: the model.
        name: of the material.
        texture: uint8 [S, S, 3]; around a thing it is on all six faces, each turned another way.
        kind: cube (wrapped around a thing) or 2D (on planes and table tops).
        colour: red, green, blue in [0, 1].
        shine: 0 = dull, 1 = with a bright highlight.
        repeat: how often a 2D texture is repeated along the surface.
    """
    material = spec.add_material(name=name, rgba=[*colour, 1.0], specular=shine, shininess=0.3 + shine / 2)
    if texture is None:
        return name
    wrapped = int(kind) == mujoco.mjtTexture.mjTEXTURE_CUBE.value
    picture = np.concatenate([np.rot90(texture, turn) for turn in range(6)]) if wrapped else texture
    made = spec.add_texture(name=name, type=kind, nchannel=3, height=picture.shape[0], width=picture.shape[1])
    made.data = np.ascontiguousarray(picture).tobytes()
    textures = list(material.textures)
    textures[mujoco.mjtTextureRole.mjTEXROLE_RGB.value] = name
    material.textures = textures
    if not wrapped:
        material.texrepeat = [repeat, repeat]
    return name

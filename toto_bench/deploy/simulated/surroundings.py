"""What stands around the simulated arm: ground, table, light and cameras; and the cube."""

import mujoco
import numpy as np

from toto_bench.deploy.simulated.settings import SceneSettings, View
from toto_bench.deploy.simulated.state import cube_at
from toto_bench.robots.assets.links import OBJECT, ROBOT, SCENE

CUBE = "cube"
_TABLE = ((0.35, 0.0, -0.02), (0.6, 0.6, 0.02))
"""Centre and half sides, m: its top is level with the arm's base."""
_FLOOR = -0.8
"""Height of the ground, m."""


def add_surroundings(spec: mujoco.MjSpec) -> None:
    """Write ground, table and light."""
    head = spec.visual.headlight
    head.ambient, head.diffuse, head.specular = [0.35] * 3, [0.25] * 3, [0.05] * 3
    light = mujoco.mjtLightType.mjLIGHT_DIRECTIONAL
    spec.worldbody.add_light(
        pos=[0.8, 0.6, 2.5], dir=[-0.2, -0.3, -1.0], type=light, diffuse=[0.6] * 3, castshadow=False
    )
    common = {"contype": SCENE, "conaffinity": ROBOT | OBJECT}
    spec.worldbody.add_geom(
        name="ground",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        pos=[0, 0, _FLOOR],
        size=[4.0, 4.0, 0.1],
        rgba=[0.35, 0.37, 0.4, 1.0],
        **common,
    )
    spec.worldbody.add_geom(
        name="table",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=_TABLE[0],
        size=_TABLE[1],
        rgba=[0.72, 0.66, 0.56, 1.0],
        **common,
    )


def add_cube(spec: mujoco.MjSpec, settings: SceneSettings) -> None:
    """Write the cube: a free body with firm contacts that resist twisting, where it starts."""
    side = settings.cube_side
    pose = cube_at(*settings.cube_start, side)
    body = spec.worldbody.add_body(name=CUBE, pos=pose[:3], quat=pose[3:])
    body.add_freejoint(name=CUBE)
    body.add_geom(
        name=CUBE,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[side / 2] * 3,
        mass=settings.cube_mass,
        friction=[settings.cube_friction, 0.01, 0.0001],
        condim=4,
        solref=[0.01, 1.0],
        rgba=[*settings.cube_colour, 1.0],
        contype=OBJECT,
        conaffinity=ROBOT | SCENE | OBJECT,
        priority=1,
    )


def camera_of(view: View) -> dict[str, list[float] | float]:
    """A camera as `add_camera` takes it."""
    right = np.array(view.right) / np.linalg.norm(view.right)
    up = np.array(view.up) - np.dot(right, view.up) * right
    up /= np.linalg.norm(up)
    quaternion = np.zeros(4)
    mujoco.mju_mat2Quat(quaternion, np.stack([right, up, np.cross(right, up)], axis=1).ravel())
    return {"pos": list(view.position), "quat": quaternion.tolist(), "fovy": view.vertical_fov}

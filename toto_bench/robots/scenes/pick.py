"""A table and a cube."""

import mujoco

from toto_bench.robots.assets.links import OBJECT, ROBOT, SCENE
from toto_bench.robots.spec import SceneSpec

CUBE = "cube"
_BLUE = [0.0, 0.447, 0.741, 1.0]
"""PixMC, commit 5746656."""
_AT = (0.5, 0.0)
"""Centre of the table in m (PixMC, commit 5746656)."""


def add_table_and_cube(spec: mujoco.MjSpec, task: SceneSpec) -> None:
    """Write both; the cube is a free body, where it starts."""
    if task.table is None or task.object_start is None or task.object_size is None:
        raise ValueError("A pick task needs a table and an object.")
    half = [side / 2 for side in task.table]
    spec.worldbody.add_geom(
        name="table",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[*_AT, half[2]],
        size=half,
        rgba=[0.75, 0.72, 0.68, 1.0],
        contype=SCENE,
        conaffinity=ROBOT | OBJECT,
    )
    add_block(
        spec,
        CUBE,
        task.object_start,
        side=task.object_size,
        density=task.object_density,
        friction=task.object_friction,
        colour=_BLUE,
    )


def add_block(
    spec: mujoco.MjSpec,
    name: str,
    position: tuple[float, ...],
    *,
    side: float,
    density: float,
    friction: float,
    colour: list[float],
) -> None:
    """A free cube that can be gripped: firm contacts that resist twisting."""
    body = spec.worldbody.add_body(name=name, pos=position)
    body.add_freejoint(name=name)
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[side / 2] * 3,
        density=density,
        friction=[friction, 0.01, 0.0001],
        condim=4,
        solref=[0.01, 1.0],
        rgba=colour,
        contype=OBJECT,
        conaffinity=ROBOT | SCENE | OBJECT,
        priority=1,
    )

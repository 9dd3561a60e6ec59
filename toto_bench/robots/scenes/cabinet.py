"""A cabinet with a drawer that slides along x, a bar to pull it by, and props in it.

Outer sizes, the drawer's origin and the place of the bar are those of the cabinet in PixMC (commit 5746656); the
parts are boxes of our own.
"""

import mujoco

from toto_bench.robots.assets.links import OBJECT, ROBOT, SCENE
from toto_bench.robots.scenes.pick import add_block
from toto_bench.robots.spec import SceneSpec

CABINET, DRAWER, HANDLE = "cabinet", "drawer", "handle"
DRAWER_ORIGIN = (0.0515, 0.0, 0.3172)
"""In the cabinet, m."""
GRASP = (0.305, 0.0, 0.01)
"""Where the bar is to be held, in the drawer, m."""
PROP_SIDE, PROP_SPACING, PROP_DENSITY = 0.08, 0.09, 400.0
_PROP_HEIGHT = -0.015
_ORANGE = [0.8, 0.45, 0.2, 1.0]
_CARCASS = (
    ((-0.295, 0.0, 0.0), (0.01, 0.381, 0.39)),
    ((0.0, -0.371, 0.0), (0.305, 0.01, 0.39)),
    ((0.0, 0.371, 0.0), (0.305, 0.01, 0.39)),
    ((0.0, 0.0, 0.382), (0.305, 0.381, 0.008)),
    ((0.0, 0.0, -0.38), (0.305, 0.381, 0.01)),
    ((0.295, 0.0, -0.075), (0.01, 0.361, 0.295)),
)
"""Back, sides, top, bottom and the closed front below the drawer: centres and half sides."""
_DRAWER = (
    ((0.0, 0.0, -0.065), (0.24, 0.34, 0.008)),
    ((-0.235, 0.0, -0.02), (0.008, 0.34, 0.045)),
    ((0.0, -0.335, -0.02), (0.24, 0.008, 0.045)),
    ((0.0, 0.335, -0.02), (0.24, 0.008, 0.045)),
    ((0.246, 0.0, -0.012), (0.008, 0.355, 0.066)),
)
"""Floor, back, sides and front."""
_BAR = (
    ((0.304, 0.0, 0.0105), (0.007, 0.084, 0.0105)),
    ((0.2755, -0.078, 0.0105), (0.0215, 0.006, 0.008)),
    ((0.2755, 0.078, 0.0105), (0.0215, 0.006, 0.008)),
)
"""The bar and its two posts."""


def add_cabinet(spec: mujoco.MjSpec, task: SceneSpec) -> None:
    """Write it; the carcass is a mocap body, so that each environment can put it elsewhere."""
    if task.cabinet_start is None:
        raise ValueError("A cabinet task needs a cabinet.")
    cabinet = spec.worldbody.add_body(name=CABINET, pos=task.cabinet_start, mocap=True)
    for centre, half in _CARCASS:
        _panel(cabinet, centre, half, [0.85, 0.85, 0.83, 1.0], 5.0)
    drawer = cabinet.add_body(name=DRAWER, pos=DRAWER_ORIGIN)
    drawer.add_joint(
        name=DRAWER,
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=[1, 0, 0],
        range=[0.0, task.drawer_travel],
        limited=mujoco.mjtLimited.mjLIMITED_TRUE,
        damping=[task.drawer_damping, 0.0, 0.0],
        armature=0.005,
    )
    for centre, half in _DRAWER:
        _panel(drawer, centre, half, [0.45, 0.47, 0.5, 1.0], 0.6)
    for centre, half in _BAR:
        _panel(drawer, centre, half, [0.2, 0.2, 0.22, 1.0], 0.05, firm=True)
    drawer.add_site(name=HANDLE, pos=GRASP, size=[0.005] * 3, group=4)
    for number, start in enumerate(prop_offsets(task.props)):
        position = tuple(a + b + c for a, b, c in zip(task.cabinet_start, DRAWER_ORIGIN, start, strict=True))
        add_block(
            spec,
            f"prop{number}",
            position,
            side=PROP_SIDE,
            density=PROP_DENSITY,
            friction=1.0,
            colour=_ORANGE,
        )


def prop_offsets(count: int) -> list[tuple[float, float, float]]:
    """Where the props lie in the drawer, m: rows of two, resting on its floor."""
    half = PROP_SPACING / 2
    places = [(x, y, _PROP_HEIGHT) for y in (-half, half) for x in (-half, half)]
    return places[:count]


def _panel(
    body: mujoco.MjsBody,
    centre: tuple[float, ...],
    half: tuple[float, ...],
    colour: list[float],
    mass: float,
    *,
    firm: bool = False,
) -> None:
    extra = {"friction": [2.0, 0.01, 0.0001], "solref": [0.01, 1.0], "priority": 1} if firm else {}
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=centre,
        size=half,
        rgba=colour,
        mass=mass,
        condim=4,
        contype=SCENE,
        conaffinity=ROBOT | OBJECT,
        **extra,
    )

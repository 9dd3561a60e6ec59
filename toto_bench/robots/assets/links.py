"""Robots as chains of links with capsules, boxes and cylinders, written into a MuJoCo specification."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import mujoco
import numpy as np

Vector = tuple[float, float, float]

ROBOT, SCENE, OBJECT = 1, 2, 4
"""Bits of contact: robots meet scene and objects, but not themselves; the parts of a scene do not meet either."""


@dataclass(frozen=True)
class Capsule:
    """A capsule from one point to another, in m."""

    start: Vector
    end: Vector
    radius: float
    colour: str = "shell"

    @property
    def volume(self) -> float:
        """In cubic metres."""
        return math.pi * self.radius**2 * (math.dist(self.start, self.end) + 4 / 3 * self.radius)


@dataclass(frozen=True)
class Box:
    """A box of these half sides, along the axes of its link or turned, in m."""

    centre: Vector
    half: Vector
    colour: str = "shell"
    euler: Vector = (0.0, 0.0, 0.0)

    @property
    def volume(self) -> float:
        """In cubic metres."""
        return 8 * math.prod(self.half)


Shape = Capsule | Box


@dataclass(frozen=True)
class Joint:
    """A hinge or a slide."""

    name: str
    low: float
    high: float
    axis: Vector = (0.0, 0.0, 1.0)
    slide: bool = False
    armature: float = 0.1


@dataclass(frozen=True)
class Link:
    """A body of the chain: where it sits in its parent, how it moves, and what it looks like."""

    name: str
    position: Vector = (0.0, 0.0, 0.0)
    rpy: Vector = (0.0, 0.0, 0.0)
    """Roll, pitch and yaw as in URDF, rad."""
    joint: Joint | None = None
    mass: float = 0.0
    shapes: tuple[Shape, ...] = ()
    links: tuple["Link", ...] = ()
    sites: Mapping[str, Vector] = field(default_factory=dict)
    friction: float = 1.0


COLOURS = {
    "shell": (0.90, 0.91, 0.93, 1.0),
    "dark": (0.22, 0.22, 0.24, 1.0),
    "orange": (0.96, 0.47, 0.12, 1.0),
    "grey": (0.55, 0.56, 0.58, 1.0),
    "pad": (0.12, 0.12, 0.13, 1.0),
}


def new_spec() -> mujoco.MjSpec:
    """An empty specification whose angles are in radians."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    return spec


def quaternion(rpy: Vector) -> list[float]:
    """Roll, pitch and yaw about fixed axes as w, x, y, z."""
    result = np.array([1.0, 0.0, 0.0, 0.0])
    for axis, angle in zip(np.eye(3), rpy, strict=True):
        turn, product = np.zeros(4), np.zeros(4)
        mujoco.mju_axisAngle2Quat(turn, axis, angle)
        mujoco.mju_mulQuat(product, turn, result)
        result = product
    return [float(value) for value in result]


def add_link(parent: mujoco.MjsBody, link: Link, scale: float = 1.0) -> mujoco.MjsBody:
    """Write a link and all that hang on it below a body; lengths are multiplied by `scale`, masses are kept."""
    body = parent.add_body(
        name=link.name,
        pos=[scale * value for value in link.position],
        quat=quaternion(link.rpy),
        gravcomp=1.0,
    )
    volume = sum(shape.volume for shape in link.shapes)
    for shape in link.shapes:
        _add_shape(body, shape, scale, link.mass * shape.volume / volume, link.friction)
    if link.joint is not None:
        _add_joint(body, link.joint, scale)
    for name, position in link.sites.items():
        body.add_site(name=name, pos=[scale * value for value in position], size=[0.005] * 3, group=4)
    for child in link.links:
        add_link(body, child, scale)
    return body


def _add_shape(body: mujoco.MjsBody, shape: Shape, scale: float, mass: float, friction: float) -> None:
    common = {
        "rgba": COLOURS[shape.colour],
        "mass": mass,
        "contype": ROBOT,
        "conaffinity": SCENE | OBJECT,
        "condim": 4,
        "friction": [friction, 0.01, 0.0001],
    }
    if isinstance(shape, Capsule):
        ends = [scale * value for value in (*shape.start, *shape.end)]
        kind = mujoco.mjtGeom.mjGEOM_CAPSULE
        body.add_geom(type=kind, fromto=ends, size=[scale * shape.radius, 0, 0], **common)
        return
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[scale * value for value in shape.centre],
        size=[scale * value for value in shape.half],
        quat=quaternion(shape.euler),
        **common,
    )


def _add_joint(body: mujoco.MjsBody, joint: Joint, scale: float) -> None:
    kind = mujoco.mjtJoint.mjJNT_SLIDE if joint.slide else mujoco.mjtJoint.mjJNT_HINGE
    factor = scale if joint.slide else 1.0
    body.add_joint(
        name=joint.name,
        type=kind,
        axis=joint.axis,
        range=[factor * joint.low, factor * joint.high],
        limited=mujoco.mjtLimited.mjLIMITED_TRUE,
        armature=joint.armature,
    )

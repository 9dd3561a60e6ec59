"""Shapes as parts: primitives that MuJoCo knows and meshes of our own, all scaled to an item's half extents."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from toto_bench.samples.world import meshes
from toto_bench.samples.world.meshes import Mesh
from toto_bench.samples.world.paths import UPRIGHT, Point, Quaternion, product, turned


@dataclass(frozen=True)
class Part:
    """A piece of a shape, in the item's axes."""

    kind: str
    """MuJoCo's geom type, or `mesh`."""
    size: Point
    """As MuJoCo wants it for a primitive, in metres; scale of the mesh along each axis."""
    position: Point = (0.0, 0.0, 0.0)
    rotation: Quaternion = UPRIGHT
    mesh: Mesh | None = None
    seen: bool = True
    """False: only touched."""
    touched: bool = True
    """False: only seen; the parts that are touched carry the mass."""


_RING = 12


def parts_of(shape: str, size: Point) -> list[Part]:
    """The parts of a shape with these half extents; see `SHAPES`."""
    return _SHAPES[shape](*size)


def _primitive(kind: str) -> Callable[[float, float, float], list[Part]]:
    return lambda x, y, z: [Part(kind, (x, y, z))]


def _round(kind: str) -> Callable[[float, float, float], list[Part]]:
    """Upright and round: radius from x, half height from z."""
    return lambda x, _, z: [Part(kind, (x, z, 0.0))]


def _capsule(x: float, _: float, z: float) -> list[Part]:
    return [Part("capsule", (x, max(z - x, 1e-3), 0.0))]


def _convex(mesh: Mesh) -> Callable[[float, float, float], list[Part]]:
    return lambda x, y, z: [Part("mesh", (x, y, z), mesh=mesh)]


def _torus(x: float, y: float, z: float) -> list[Part]:
    """A mesh to see, a ring of capsules to touch."""
    seen = Part("mesh", (x, y, z), mesh=meshes.torus(), touched=False)
    middle_x, middle_y = 0.65 * x, 0.65 * y
    length = 0.65 * max(x, y) * np.sin(np.pi / _RING)
    ring = []
    for angle in 2 * np.pi * np.arange(_RING) / _RING:
        place = (float(middle_x * np.cos(angle)), float(middle_y * np.sin(angle)), 0.0)
        lying = product(turned((0, 0, 1), float(angle)), turned((1, 0, 0), np.pi / 2))
        ring.append(Part("capsule", (z, float(length), 0.0), place, lying, seen=False))
    return [seen, *ring]


def _hollow(top: float, wall: float = 0.1) -> Callable[[float, float, float], list[Part]]:
    """Open below and closed above, radius 1 below and `top` above: a mesh to see, a ring of boxes to touch."""
    inner = max(top - wall, 0.0)
    outline = [
        (1 - wall, -1.0),
        (1.0, -1.0),
        (top, 1.0),
        (0.0, 1.0),
        (0.0, 1 - 2 * wall),
        (inner, 1 - 2 * wall),
    ]
    mesh = meshes.lathe([*dict.fromkeys(outline)])

    def build(x: float, y: float, z: float) -> list[Part]:
        seen = Part("mesh", (x, y, z), mesh=mesh, touched=False)
        radius = max(x, y)
        lean = float(np.arctan2(radius * (1 - top), 2 * z))
        half_width = float(np.tan(np.pi / _RING) * radius * (1 + top) / 2 * 1.05)
        middle = radius * (1 + top - wall) / 2
        slab = (wall * radius / 2, half_width, float(z / np.cos(lean)) * 0.97)
        walls = []
        for angle in 2 * np.pi * np.arange(_RING) / _RING:
            place = (float(middle * np.cos(angle)), float(middle * np.sin(angle)), 0.0)
            leaning = product(turned((0, 0, 1), float(angle)), turned((0, 1, 0), -lean))
            walls.append(Part("box", slab, place, leaning, seen=False))
        lid = Part(
            "cylinder", (radius * max(top, 0.15), wall * z, 0.0), (0.0, 0.0, z * (1 - wall)), seen=False
        )
        return [seen, *walls, lid]

    return build


def _bowl(x: float, y: float, z: float) -> list[Part]:
    """A cup that stands upright: open above."""
    return [_overturned(part) for part in _hollow(0.6)(x, y, z)]


def _overturned(part: Part, shift: float = 0.0) -> Part:
    """Turned upside down about the x axis, then moved along it."""
    x, y, z = part.position
    turned_over = product((0.0, 1.0, 0.0, 0.0), part.rotation)
    return replace(part, position=(x + shift, -y, -z), rotation=turned_over)


def _mug(x: float, _: float, z: float) -> list[Part]:
    radius = 0.7 * x
    handle = meshes.torus(0.25)
    place = (radius + 0.1 * x, 0.0, 0.0)
    upright = turned((1, 0, 0), np.pi / 2)
    body = [_overturned(part, -0.3 * x) for part in _hollow(1.0)(radius, radius, z)]
    ear = Part(
        "mesh", (0.5 * x, 0.6 * z, 0.15 * x), (place[0] - 0.3 * x, 0.0, 0.0), upright, handle, touched=False
    )
    return [*body, ear, Part("box", (0.15 * x, 0.1 * x, 0.4 * z), (0.8 * x, 0.0, 0.0), seen=False)]


def _cross(x: float, y: float, z: float) -> list[Part]:
    return [Part("box", (x, y / 3, z)), Part("box", (x / 3, y, z))]


def _arch(x: float, y: float, z: float) -> list[Part]:
    leg = (x / 4, y, 0.7 * z)
    return [
        Part("box", (x, y, 0.3 * z), (0.0, 0.0, 0.7 * z)),
        Part("box", leg, (-0.75 * x, 0.0, -0.3 * z)),
        Part("box", leg, (0.75 * x, 0.0, -0.3 * z)),
    ]


def _corner(x: float, y: float, z: float) -> list[Part]:
    return [
        Part("box", (x, y, z / 3), (0.0, 0.0, -2 * z / 3)),
        Part("box", (x / 3, y, 2 * z / 3), (-2 * x / 3, 0.0, z / 3)),
    ]


def _dumbbell(x: float, _: float, z: float) -> list[Part]:
    ball = (z, z, z)
    lying = turned((0, 1, 0), np.pi / 2)
    return [
        Part("cylinder", (0.45 * z, max(x - z, 1e-3), 0.0), rotation=lying),
        Part("sphere", ball, (-(x - z), 0.0, 0.0)),
        Part("sphere", ball, (x - z, 0.0, 0.0)),
    ]


def _snowman(x: float, _: float, z: float) -> list[Part]:
    radius = min(x, 0.6 * z)
    head = 0.65 * radius
    return [
        Part("sphere", (radius,) * 3, (0.0, 0.0, radius - z)),
        Part("sphere", (head,) * 3, (0.0, 0.0, z - head)),
    ]


def _rings(x: float, y: float, z: float) -> list[Part]:
    """Three tori through each other, one around each axis; touched as a ball."""
    tori = [
        Part("mesh", (x, y, 0.3 * z), rotation=rotation, mesh=meshes.torus(0.22), touched=False)
        for rotation in (UPRIGHT, turned((1, 0, 0), np.pi / 2), turned((0, 1, 0), np.pi / 2))
    ]
    return [*tori, Part("ellipsoid", (x, y, z), seen=False)]


_SHAPES: dict[str, Callable[[float, float, float], list[Part]]] = {
    "box": _primitive("box"),
    "sphere": _primitive("sphere"),
    "ellipsoid": _primitive("ellipsoid"),
    "cylinder": _round("cylinder"),
    "capsule": _capsule,
    "cone": _convex(meshes.lathe([(0.0, -1.0), (1.0, -1.0), (0.0, 1.0)])),
    "pyramid": _convex(meshes.lathe([(0.0, -1.0), (1.0, -1.0), (0.0, 1.0)], 4)),
    "prism": _convex(meshes.prism(meshes.polygon(3))),
    "hexagon": _convex(meshes.prism(meshes.polygon(6))),
    "star": _convex(meshes.prism(meshes.star())),
    "torus": _torus,
    "cover": _hollow(0.25),
    "cup": _hollow(0.8),
    "bowl": _bowl,
    "mug": _mug,
    "cross": _cross,
    "arch": _arch,
    "corner": _corner,
    "dumbbell": _dumbbell,
    "snowman": _snowman,
    "rings": _rings,
}
SHAPES = tuple(_SHAPES)
"""Names. `cover` is a hollow cone and `cup` a hollow cylinder, both open below; `bowl` and `mug` are open above;
`rings` is three tori through each other."""

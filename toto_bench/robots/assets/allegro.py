"""The right Allegro hand as PixMC mounts it: published kinematics, limits and masses, shapes of our own."""

import math

from toto_bench.robots.assets.links import Box, Capsule, Joint, Link, Vector

_TURN = math.pi / 2
_ARMATURE = 0.004
"""Inertia of a finger joint's rotor, kg m2, as measured by the authors of the description PixMC uses."""
_SPREAD, _LOW, _HIGH = 0.558489, -0.279244, 1.727825
FINGERS = ("index", "middle", "ring", "thumb")
_BASES: dict[str, tuple[Vector, Vector]] = {
    "index": ((0.0514302, -0.03632, -0.0113), (math.pi, -_TURN, -0.087264)),
    "middle": ((0.0537375, 0.0087771, -0.0113), (math.pi, -_TURN, 0)),
    "ring": ((0.0514302, 0.0538749, -0.0113), (math.pi, -_TURN, 0.087264)),
}


def allegro() -> Link:
    """The mount, in the axes of the flange, with the palm and sixteen joints; fingers point along +z."""
    palm = Link(
        "palm",
        (0.008219, -0.02063, 0.08086),
        (0, -_TURN, math.pi),
        None,
        0.4154,
        (Box((0.0, 0.009, -0.0113), (0.047, 0.055, 0.016), "dark"),),
        (*(_finger(name) for name in FINGERS[:3]), _thumb()),
    )
    mount = (Capsule((0, 0, 0.01), (0, 0, 0.015), 0.035, "grey"),)
    return Link("mount", (0, 0, 0.071), (0, 0, 0), None, 0.15, mount, (palm,))


def _finger(name: str) -> Link:
    distal = Link(
        f"{name}3",
        (0.0384, 0, 0),
        (0, 0, 0),
        _joint(name, 3, _LOW, _HIGH),
        0.0211922,
        (Capsule((0.005, 0, 0), (0.045, 0, 0), 0.0125, "pad"),),
        sites={f"{name}_tip": (0.045, 0.01, 0)},
        friction=2.0,
    )
    medial = _segment(name, 2, 0.0384, at=(0.054, 0, 0), rpy=(0, 0, 0), mass=0.131691, child=distal)
    proximal = _segment(
        name, 1, 0.054, at=(0, 0, 0), rpy=(math.pi, -_TURN, _TURN), mass=0.125164, child=medial
    )
    position, rpy = _BASES[name]
    base = (Box((0, 0, 0), (0.01, 0.01, 0.012), "dark"),)
    joint = _joint(name, 0, -_SPREAD, _SPREAD)
    return Link(f"{name}0", position, rpy, joint, 0.005, base, (proximal,))


def _segment(
    name: str, number: int, length: float, *, at: Vector, rpy: Vector, mass: float, child: Link
) -> Link:
    shapes = (Capsule((0.006, 0, 0), (length - 0.006, 0, 0), 0.011, "dark"),)
    return Link(f"{name}{number}", at, rpy, _joint(name, number, _LOW, _HIGH), mass, shapes, (child,))


def _thumb() -> Link:
    distal = Link(
        "thumb3",
        (0.0514, 0, 0),
        (0, 0, 0),
        _joint("thumb", 3, _LOW, 1.762731),
        0.1,
        (Capsule((0.005, 0, 0), (0.06, 0, 0), 0.0125, "pad"),),
        sites={"thumb_tip": (0.06, 0.01, 0)},
        friction=2.0,
    )
    medial = _segment("thumb", 2, 0.0514, at=(0, 0, 0.0554), rpy=(math.pi, -_TURN, 0), mass=0.1, child=distal)
    shapes = (Capsule((0, 0, 0.012), (0, 0, 0.045), 0.011, "dark"),)
    joint = _joint("thumb", 1, -0.331603, 1.151883)
    proximal = Link("thumb1", (0.005, 0, 0), (_TURN, 0, 0), joint, 0.1, shapes, (medial,))
    base = (Box((0, 0, 0), (0.012, 0.012, 0.015), "dark"),)
    joint = _joint("thumb", 0, 0.279244, 1.57075)
    rpy = (-_TURN, -_TURN, 1.483486)
    return Link("thumb0", (-0.0367482, -0.0081281, -0.0295), rpy, joint, 0.1, base, (proximal,))


def _joint(name: str, number: int, low: float, high: float) -> Joint:
    return Joint(f"{name}_joint{number}", low, high, armature=_ARMATURE)

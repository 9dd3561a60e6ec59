"""The Franka Emika Panda with its hand: kinematics, limits and masses of its data sheet, shapes of our own."""

import math

from toto_bench.robots.assets.links import Box, Capsule, Joint, Link, add_link, new_spec
from toto_bench.robots.assets.model import RobotModel

_TURN = math.pi / 2
_WIDE = 2.8973
"""Limit of joints 1, 3, 5 and 7, rad."""


def panda() -> RobotModel:
    """Seven joints and two fingers; the fingers' contact faces are the planes y = 0 of their bodies."""
    spec = new_spec()
    add_link(spec.worldbody, _base())
    return RobotModel(
        spec=spec,
        joints=(*(f"joint{number}" for number in range(1, 8)), "finger_joint1", "finger_joint2"),
        arm=7,
        arm_links=tuple(f"link{number}" for number in range(8)),
        hand="hand",
        tips=("left_tip", "right_tip"),
    )


def _base() -> Link:
    shapes = (Box((-0.03, 0, 0.03), (0.1, 0.09, 0.03)), Capsule((0, 0, 0.07), (0, 0, 0.1), 0.07))
    return Link("link0", mass=0.63, shapes=shapes, links=(_shoulder(),))


def _shoulder() -> Link:
    upper = Link(
        "link3",
        (0, -0.316, 0),
        (_TURN, 0, 0),
        Joint("joint3", -_WIDE, _WIDE),
        3.228604,
        (Capsule((0, 0, -0.18), (0, 0, -0.08), 0.058), Capsule((0.02, 0, 0), (0.0825, 0.03, 0), 0.055)),
        (_elbow(),),
    )
    second = Link(
        "link2",
        (0, 0, 0),
        (-_TURN, 0, 0),
        Joint("joint2", -1.7628, 1.7628),
        0.646926,
        (Capsule((0, 0, -0.05), (0, 0, 0.05), 0.06, "dark"), Capsule((0, 0, 0), (0, -0.13, 0), 0.058)),
        (upper,),
    )
    shapes = (Capsule((0, 0, -0.18), (0, 0, -0.04), 0.06),)
    return Link(
        "link1", (0, 0, 0.333), (0, 0, 0), Joint("joint1", -_WIDE, _WIDE), 4.970684, shapes, (second,)
    )


def _elbow() -> Link:
    forearm = Link(
        "link5",
        (-0.0825, 0.384, 0),
        (-_TURN, 0, 0),
        Joint("joint5", -_WIDE, _WIDE),
        1.225946,
        (Capsule((0, 0, -0.25), (0, 0, -0.18), 0.055), Capsule((0, 0.06, -0.16), (0, 0.06, -0.03), 0.035)),
        (_wrist(),),
    )
    shapes = (
        Capsule((0, 0, -0.05), (0, 0, 0.05), 0.055, "dark"),
        Capsule((0, 0.02, 0), (-0.0825, 0.1, 0), 0.055),
    )
    return Link(
        "link4",
        (0.0825, 0, 0),
        (_TURN, 0, 0),
        Joint("joint4", -3.0718, -0.0698),
        3.587895,
        shapes,
        (forearm,),
    )


def _wrist() -> Link:
    flange = Link(
        "link7",
        (0.088, 0, 0),
        (_TURN, 0, 0),
        Joint("joint7", -_WIDE, _WIDE),
        0.735522,
        (Capsule((0, 0, 0), (0, 0, 0.06), 0.045, "dark"),),
        (_hand(),),
    )
    shapes = (Capsule((0, 0, -0.05), (0, 0, 0.03), 0.05), Capsule((0.02, 0, 0), (0.088, 0, 0.01), 0.045))
    return Link(
        "link6", (0, 0, 0), (_TURN, 0, 0), Joint("joint6", -0.0175, 3.7525), 1.666555, shapes, (flange,)
    )


def _hand() -> Link:
    shapes = (Box((0, 0, 0.033), (0.022, 0.1, 0.033)),)
    fingers = (_finger("left", 1, 0.0), _finger("right", 2, math.pi))
    return Link("hand", (0, 0, 0.107), (0, 0, -math.pi / 4), None, 0.73, shapes, fingers)


def _finger(side: str, number: int, yaw: float) -> Link:
    return Link(
        f"{side}_finger",
        (0, 0, 0.0584),
        (0, 0, yaw),
        Joint(f"finger_joint{number}", 0.0, 0.04, (0, 1, 0), slide=True, armature=0.1),
        0.015,
        (
            Box((0, 0.006, 0.0425), (0.0105, 0.006, 0.0115), "pad"),
            Box((0, 0.012, 0.0155), (0.01, 0.006, 0.0155)),
        ),
        sites={f"{side}_tip": (0, 0, 0.045)},
        friction=2.0,
    )

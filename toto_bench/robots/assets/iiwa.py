"""The KUKA LBR iiwa 7: kinematics, limits and masses of its published description, shapes of our own."""

import math

from toto_bench.robots.assets.links import Capsule, Joint, Link, Vector

_TURN = math.pi / 2
_WIDE, _NARROW, _LAST = (math.radians(angle) for angle in (170.0, 120.0, 175.0))

_CHAIN: tuple[tuple[Vector, Vector, float, float, tuple[Capsule, ...]], ...] = (
    ((0, 0, 0.15), (0, 0, 0), _WIDE, 3.4525, (Capsule((0, 0, 0.02), (0, 0, 0.16), 0.07, "orange"),)),
    (
        (0, 0, 0.19),
        (_TURN, 0, math.pi),
        _NARROW,
        3.4821,
        (
            Capsule((0, 0, 0), (0, 0, 0.03), 0.075, "orange"),
            Capsule((0, 0.03, 0), (0, 0.17, 0), 0.065, "orange"),
        ),
    ),
    ((0, 0.21, 0), (_TURN, 0, math.pi), _WIDE, 4.05623, (Capsule((0, 0, 0), (0, 0, 0.16), 0.065, "orange"),)),
    (
        (0, 0, 0.19),
        (_TURN, 0, 0),
        _NARROW,
        3.4822,
        (
            Capsule((0, 0, 0), (0, 0, 0.03), 0.07, "orange"),
            Capsule((0, 0.03, 0), (0, 0.17, 0), 0.06, "orange"),
        ),
    ),
    (
        (0, 0.21, 0),
        (-_TURN, math.pi, 0),
        _WIDE,
        2.1633,
        (
            Capsule((0, 0, 0), (0, 0.02, 0.1), 0.055, "orange"),
            Capsule((0, 0.05, 0.12), (0, 0.06, 0.16), 0.045, "orange"),
        ),
    ),
    (
        (0, 0.0607, 0.19),
        (_TURN, 0, 0),
        _NARROW,
        2.3466,
        (Capsule((0, 0, 0.01), (0, 0.01, 0.05), 0.06, "orange"),),
    ),
    (
        (0, 0.081, 0.0607),
        (-_TURN, math.pi, 0),
        _LAST,
        3.129,
        (Capsule((0, 0, -0.01), (0, 0, 0.03), 0.042, "grey"),),
    ),
)
"""Of each link: position and roll, pitch, yaw in the one before it, limit of its joint, mass, shapes."""


def iiwa(tool: Link) -> Link:
    """The arm, with a tool at its flange, 0.071 m beyond the last joint's frame."""
    chain = tool
    for number in range(7, 0, -1):
        position, rpy, limit, mass, shapes = _CHAIN[number - 1]
        joint = Joint(f"joint{number}", -limit, limit)
        chain = Link(f"link{number}", position, rpy, joint, mass, shapes, (chain,))
    return Link(
        "link0", mass=5.0, shapes=(Capsule((0, 0, 0.06), (0, 0, 0.08), 0.09, "grey"),), links=(chain,)
    )

"""A gripper of two fingers on an arm: where its pieces are when its fingertips are somewhere."""

from collections.abc import Callable

import mujoco
import numpy as np

from toto_bench.samples.world.paths import UPRIGHT, Curve, Path, Point, Pose, Quaternion, product, turned
from toto_bench.samples.world.scene import Item, Look

FINGERS = ("left finger", "right finger")
TOUCHING = (*FINGERS, "palm")
"""Names of what can touch things."""
_FINGER = (0.035, 0.007, 0.011)
_PALM = (0.012, 0.036, 0.015)
_ARM = (0.017, 0.017, 0.36)
_SHOULDER = np.array([0.42, -0.72, 0.02])
_Y, _Z = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)

Grip = Callable[[float], Point]
"""At a time in seconds: yaw (0 = along +x) and pitch (downwards) in radians, and how wide it is open in metres."""


def gripper(tips: Curve, grip: Grip, looks: tuple[Look, Look]) -> tuple[Item, ...]:
    """Fingers and palm, which touch, and an arm, which does not.

    Args:
        tips: the point between the fingertips.
        grip: how it is held.
        looks: of the fingers; of palm and arm.
    """

    def piece(name: str, size: Point, look: Look, offset: Callable[[float], Point]) -> Item:
        return _led(name, "box", size, look, lambda time: _pose(tips(time), grip(time), offset(time)))

    def finger(side: int) -> Callable[[float], Point]:
        return lambda time: (-_FINGER[0], side * (grip(time)[2] / 2 + _FINGER[1]), 0.0)

    palm_offset = (-2 * _FINGER[0] - _PALM[0] - 0.001, 0.0, 0.0)
    fingers = [
        piece(name, _FINGER, looks[0], finger(side)) for name, side in zip(FINGERS, (1, -1), strict=True)
    ]
    palm = piece("palm", _PALM, looks[1], lambda _: palm_offset)
    arm = _led("arm", "capsule", _ARM, looks[1], lambda time: _arm(tips(time), grip(time)), solid=False)
    return (*fingers, palm, arm)


def _led(name: str, shape: str, size: Point, look: Look, path: Path, *, solid: bool = True) -> Item:
    pose = path(0.0)
    assert pose is not None
    return Item(
        name,
        shape,
        size,
        pose.position,
        look,
        pose.rotation,
        path=path,
        movable=False,
        solid=solid,
        friction=0.4,
    )


def _pose(tips: Point, grip: Point, offset: Point) -> Pose:
    rotation = product(turned(_Z, grip[0]), turned(_Y, grip[1]))
    return Pose(_moved(tips, rotation, offset), rotation)


def _arm(tips: Point, grip: Point) -> Pose:
    """From behind the palm towards the shoulder."""
    wrist = np.array(_pose(tips, grip, (-2 * _FINGER[0] - 2 * _PALM[0], 0.0, 0.0)).position)
    direction = (_SHOULDER - wrist) / np.linalg.norm(_SHOULDER - wrist)
    x, y, z = (float(value) for value in wrist + direction * _ARM[2])
    axis = np.cross(_Z, direction)
    lean = float(np.arccos(np.clip(direction[2], -1, 1)))
    rotation = UPRIGHT if np.linalg.norm(axis) < 1e-6 else turned((axis[0], axis[1], axis[2]), lean)
    return Pose((x, y, z), rotation)


def _moved(point: Point, rotation: Quaternion, offset: Point) -> Point:
    moved = np.zeros(3)
    mujoco.mju_rotVecQuat(moved, np.array(offset), np.array(rotation))
    x, y, z = (float(value) for value in np.array(point) + moved)
    return x, y, z

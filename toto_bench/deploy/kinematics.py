"""Forward kinematics of the Panda and the FR3, which are the same."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.limits import JOINTS, Vector

_TURN = np.pi / 2
_A = np.array([0.0, 0.0, 0.0, 0.0825, -0.0825, 0.0, 0.088])
_D = np.array([0.333, 0.0, 0.316, 0.0, 0.384, 0.0, 0.0])
_ALPHA = np.array([0.0, -_TURN, _TURN, _TURN, -_TURN, _TURN, _TURN])
"""Denavit-Hartenberg parameters in Craig's convention, m and rad (frankaemika/docs, control parameters)."""
FLANGE = 0.107
"""From joint 7 to the flange along its axis, m (same table)."""
TOOL = 0.1034
"""From the flange to the point between the fingertips, m (Franka Hand, `F_T_NE`)."""
FINGER_END = 0.009
"""How much further the fingers reach than that point, m: 0.1124 m from the hand."""
HAND_YAW = -np.pi / 4
"""Of the hand on the flange, rad."""
OPENING = 0.08
"""Between the fingertips of an open hand, m."""


class ArmPose(NamedTuple):
    """Where the parts of the arm are, in the frame of its base (z up, x forward), in m."""

    joints: NDArray[np.float64]
    """Origins of the seven joint frames, [7, 3]."""
    axes: NDArray[np.float64]
    """About which the joints turn, [7, 3], unit vectors."""
    flange: NDArray[np.float64]
    """Homogeneous transform of the flange, [4, 4]."""
    hand: NDArray[np.float64]
    """Homogeneous transform of the hand: at the flange, its y along the fingers' travel, [4, 4]."""
    tool: NDArray[np.float64]
    """The point between the fingertips, [3]."""
    tips: NDArray[np.float64]
    """Left and right fingertip, where they grip, [2, 3]."""

    @property
    def ends(self) -> NDArray[np.float64]:
        """Where the left and the right finger end, [2, 3]."""
        return self.tips + FINGER_END * self.hand[:3, 2]


def forward(q: Vector, *, opening: float = OPENING) -> ArmPose:
    """The pose of the arm.

    Args:
        q: joint positions, [7], rad.
        opening: between the fingertips, m.
    """
    frame = np.eye(4)
    origins, axes = np.empty((JOINTS, 3)), np.empty((JOINTS, 3))
    for joint, angle in enumerate(q):
        frame = frame @ _link(_A[joint], _D[joint], _ALPHA[joint], float(angle))
        origins[joint], axes[joint] = frame[:3, 3], frame[:3, 2]
    flange = frame @ _link(0.0, FLANGE, 0.0, 0.0)
    hand = flange @ _link(0.0, 0.0, 0.0, HAND_YAW)
    tool = hand[:3, 3] + TOOL * hand[:3, 2]
    aside = opening / 2 * hand[:3, 1]
    return ArmPose(origins, axes, flange, hand, tool, np.stack([tool + aside, tool - aside]))


def jacobian(pose: ArmPose) -> NDArray[np.float64]:
    """How the tool moves (rows 0 to 2, m) and turns (rows 3 to 5, rad) with each joint: [6, 7]."""
    return np.concatenate([np.cross(pose.axes, pose.tool - pose.joints), pose.axes], axis=1).T


def _link(a: float, d: float, alpha: float, theta: float) -> NDArray[np.float64]:
    """Craig's transform from one joint frame to the next, [4, 4]."""
    ct, st, ca, sa = np.cos(theta), np.sin(theta), np.cos(alpha), np.sin(alpha)
    return np.array(
        [
            [ct, -st, 0.0, a],
            [st * ca, ct * ca, -sa, -d * sa],
            [st * sa, ct * sa, ca, d * ca],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )

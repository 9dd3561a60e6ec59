"""What a picture of the simulated scene is drawn from, whichever simulator it comes from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.limits import Vector


@dataclass(frozen=True, eq=False)
class SceneState:
    """Where everything is that moves."""

    q: Vector
    """Positions of the arm's joints, float64 [7], rad."""
    gripper: float
    """Opening of the gripper: 0 closed, 1 open."""
    cube: NDArray[np.float64]
    """Centre of the cube in the frame of the arm's base, m, and its quaternion (w, x, y, z): float64 [7]."""


def cube_at(x: float, y: float, yaw: float, side: float) -> NDArray[np.float64]:
    """A cube that lies on the table: float64 [7].

    Args:
        x: forward, m.
        y: to the left, m.
        yaw: rad.
        side: of the cube, m.
    """
    return np.array([x, y, side / 2, np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)])


def yaw_of(cube: NDArray[np.float64]) -> float:
    """The turn about the vertical axis of a pose [7], rad."""
    w, x, y, z = cube[3:]
    return float(np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))

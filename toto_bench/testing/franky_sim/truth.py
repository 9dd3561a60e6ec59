"""What no client of a real robot can know."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from toto_bench.deploy.limits import Vector
from toto_bench.deploy.simulated.state import SceneState


@dataclass(frozen=True, eq=False)
class Truth:
    """Of the simulated robot, at one moment."""

    scene: SceneState
    dq: Vector
    """Velocities of the joints, [7], rad/s."""
    time: float
    """The simulator's, s."""
    picked: bool
    """Whether the cube was picked up since it was placed: lifted by 5 cm for a second."""
    moving: bool
    """Whether a motion is commanded."""
    connected: bool
    """Whether a client is."""
    collision: tuple[float, ...] | None
    """Thresholds of torque [7] and force [6] that a client set."""

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """From an answer of the simulator's process."""
        thresholds = answer["collision"]
        return cls(
            SceneState(np.array(answer["q"]), answer["gripper"], np.array(answer["cube"])),
            dq=np.array(answer["dq"]),
            time=answer["time"],
            picked=answer["picked"],
            moving=answer["moving"],
            connected=answer["connected"],
            collision=None if thresholds is None else tuple(thresholds),
        )

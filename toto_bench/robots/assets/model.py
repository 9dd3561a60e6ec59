"""What every robot hands over, whichever source it comes from."""

from dataclasses import dataclass, replace
from typing import Self

import mujoco


@dataclass(frozen=True)
class RobotModel:
    """A robot as a MuJoCo specification, without actuators, and the names that scenes and experts use."""

    spec: mujoco.MjSpec
    joints: tuple[str, ...]
    """All joints, in the order of actions and proprioception."""
    arm: int
    """How many of them, from the first, belong to the arm."""
    arm_links: tuple[str, ...]
    """Bodies whose contact ends an episode."""
    hand: str
    """Body that carries the wrist camera."""
    tips: tuple[str, ...]
    """Sites at the fingertips: left and right, or index, middle, ring and thumb."""

    def renamed(self, prefix: str) -> Self:
        """The same robot after its specification was attached under a prefix."""
        return replace(
            self,
            joints=tuple(prefix + name for name in self.joints),
            arm_links=tuple(prefix + name for name in self.arm_links),
            hand=prefix + self.hand,
            tips=tuple(prefix + name for name in self.tips),
        )

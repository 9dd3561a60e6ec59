"""The newest reading of the arm, and whether it stands."""

from dataclasses import replace

import numpy as np

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.types import RobotState

_STILL = 0.02
"""rad/s below which a joint stands."""
_STILL_FOR = 0.05
"""s of the robot's time that all joints have to."""


class Watch:
    """Whoever holds the lock of the link reads and writes this."""

    def __init__(self, state: RobotState) -> None:
        self.state = state
        """Its `received` is when the robot's clock went on last."""
        self._still: float | None = None

    def take(self, state: RobotState) -> bool:
        """Whether this reading is news; one at which the robot's clock stood still is none.

        Raises:
            RobotFault: its clock ran backwards.
        """
        if state.clock < self.state.clock:
            raise RobotFault("The robot's clock ran backwards: it was started anew. Close and connect again.")
        if state.clock == self.state.clock:
            self.state = replace(state, received=self.state.received)
            return False
        self.state = state
        if np.abs(state.dq).max() > _STILL:
            self._still = None
        elif self._still is None:
            self._still = state.clock
        return True

    def begin_motion(self) -> None:
        """The arm is about to move, whatever the last reading says."""
        self._still = None

    @property
    def stands(self) -> bool:
        """Whether no joint has moved for a while."""
        return self._still is not None and self.state.clock - self._still >= _STILL_FOR

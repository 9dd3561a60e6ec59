"""What is known to go wrong with arms."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from toto_bench.deploy.types import RobotMode, RobotState


class FaultKind(StrEnum):
    """What goes wrong."""

    FROZEN = "frozen"
    """Robot or network stand still: the state stays, its stamps go on, commands go nowhere, nothing is raised."""
    BARE_ERROR = "bare-error"
    """An exception that is none of ours (libfranka's `RuntimeError: Net Exception`)."""
    REFLEX = "reflex"
    """The arm stops by itself, and says so at the next call, until somebody recovers it."""
    NOT_A_NUMBER = "not-a-number"
    """A state with NaN."""
    ERRORS = "errors"
    """A state that reports errors, and no exception."""
    USER_STOPPED = "user-stopped"
    """A state of an arm whose activation device was let go."""
    BACKWARDS = "backwards"
    """A state whose clock went back."""
    FAST = "fast"
    """A state of a joint at 3 rad/s."""
    SLOW = "slow"
    """A call that takes `seconds`."""
    HANG = "hang"
    """A call that does not return before `release`."""
    INTERRUPTED = "interrupted"
    """Ctrl-C where no handler is set."""


@dataclass(frozen=True)
class Fault:
    """One fault, in some calls of one method."""

    kind: FaultKind
    on: str = "observe"
    """`connect`, `observe`, `act` or `reset`."""
    at: int = 0
    """Number of the first call that fails, from 0."""
    count: int | None = None
    """How many; None: all that follow."""
    seconds: float = 0.0
    """Of a slow call."""

    def hits(self, on: str, call: int) -> bool:
        """Whether a call fails."""
        return on == self.on and self.at <= call and (self.count is None or call < self.at + self.count)


SPOILT: dict[FaultKind, Callable[[RobotState], RobotState]] = {
    FaultKind.NOT_A_NUMBER: lambda state: replace(state, q=np.where(np.arange(7) == 3, np.nan, state.q)),
    FaultKind.ERRORS: lambda state: replace(state, errors=("joint_position_limits_violation",)),
    FaultKind.USER_STOPPED: lambda state: replace(state, mode=RobotMode.USER_STOPPED),
    FaultKind.BACKWARDS: lambda state: replace(state, clock=state.clock - 1.0),
    FaultKind.FAST: lambda state: replace(state, dq=np.where(np.arange(7) == 2, 3.0, state.dq)),
}
"""Readings as a fault leaves them."""

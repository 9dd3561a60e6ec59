"""How a trial ended, and why."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from toto_bench.deploy.limits.model import Vector


class Cause(StrEnum):
    """Why a trial ended, where it was not the guard's `Reason`; stands in records."""

    DONE = "done"
    """The simulation, or the operator, saw the task done."""
    OPERATOR = "operator-stop"
    """Ctrl-C."""
    TERMINATED = "terminated"
    """Another signal: the process was told to end."""
    ROBOT = "robot-fault"
    """The driver raised."""
    CAMERA = "camera-fault"
    """A camera raised."""
    POLICY = "policy-error"
    """The policy raised, or answered what is no chunk of actions."""
    LATE = "late"
    """Too many deadlines in a row were missed."""
    WATCHDOG = "watchdog"
    """No tick for too long: the arm was stopped from outside the loop."""
    DISK = "disk"
    """What happened could not be written down."""
    ERROR = "error"
    """A mistake of the program."""


@dataclass(frozen=True, eq=False)
class Ending:
    """Of one trial. The arm was told to stop before this was made."""

    outcome: Literal["completed", "aborted"]
    reason: str
    """`deploy.errors.Reason` or `Cause`."""
    message: str
    """In words."""
    at_rest: bool
    """Whether the arm was seen to stand; where it was not, a person has to look, and use the emergency stop."""
    steps: int = 0
    """Commands that were sent."""
    seconds: float = 0.0
    latency: dict[str, float] = field(default_factory=dict)
    """Percentiles of each stage in s, and counts of missed deadlines and dropped actions."""
    guard: dict[str, int] = field(default_factory=dict)
    """How often commands were changed."""
    error: BaseException | None = None
    """What was raised, for a traceback."""

    @property
    def is_request(self) -> bool:
        """Whether somebody asked for it, and wants no further trial."""
        return self.reason in {Cause.OPERATOR, Cause.TERMINATED}

    @property
    def details(self) -> dict[str, Any]:
        """Fields of the journal's `Ended`."""
        return {
            "message": self.message,
            "steps": self.steps,
            "seconds": self.seconds,
            "latency": self.latency,
            "guard": self.guard,
        }


@dataclass(frozen=True, eq=False)
class DryRun:
    """What a policy would have done to an arm that stood still."""

    ending: Ending
    largest: Vector
    """The largest change of each joint that one command asked for, [7], rad."""
    mean: Vector
    """The mean change, [7], rad."""

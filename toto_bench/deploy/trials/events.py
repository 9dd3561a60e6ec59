"""What is written down about trials: one event a line."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from toto_bench.deploy.limits.model import Finite


def _wall_clock() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class _Event(Finite):
    plan: str
    """Hash of the plan."""
    at: str = Field(default_factory=_wall_clock)
    """Wall clock, UTC; for people, nothing is computed from it."""


class _TrialEvent(_Event):
    trial: int = Field(ge=1)
    """Its number in the plan."""


class Planned(_Event):
    """The journal of a plan begins."""

    event: Literal["planned"] = "planned"


class Started(_TrialEvent):
    """The arm may move from now on."""

    event: Literal["started"] = "started"
    backbone: str
    pose: int
    """Number of the start pose."""
    policy: str = ""
    """Hash of the policy that drives."""


class Ended(_TrialEvent):
    """The arm is at rest."""

    event: Literal["ended"] = "ended"
    outcome: Literal["completed", "aborted"]
    """Completed: by time, steps, or the operator who saw the task done. Aborted: by the guard, a fault or a stop."""
    reason: str
    """`deploy.errors.Reason`, or a word of the runner's."""
    message: str = ""
    """In words."""
    steps: int = Field(default=0, ge=0)
    """Commands that were sent."""
    seconds: float = Field(default=0.0, ge=0)
    latency: dict[str, float] = Field(default_factory=dict)
    """Percentiles in s, and counts of missed deadlines."""
    guard: dict[str, int] = Field(default_factory=dict)
    """How often commands were changed."""
    video: str | None = None
    """Beside the journal."""


class Labelled(_TrialEvent):
    """Somebody, or the simulation, said how it went."""

    event: Literal["labelled"] = "labelled"
    success: bool
    labeller: str
    automatic: bool = False
    note: str = ""


class Undone(_TrialEvent):
    """The last label of a trial was a slip."""

    event: Literal["undone"] = "undone"
    labeller: str


Event = Annotated[Planned | Started | Ended | Labelled | Undone, Field(discriminator="event")]
EVENT: TypeAdapter[Planned | Started | Ended | Labelled | Undone] = TypeAdapter(Event)
"""Reads a line."""

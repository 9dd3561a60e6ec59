"""How a session ends."""

from dataclasses import dataclass
from enum import StrEnum


class End(StrEnum):
    """Why a session ended."""

    DONE = "done"
    """No trial is left."""
    PAUSED = "paused"
    """The operator has had enough."""
    INTERRUPTED = "interrupted"
    """Ctrl-C, or the process was told to end."""
    FAULT = "fault"
    """Something is wrong that a person has to mend."""


@dataclass(frozen=True)
class Outcome:
    """Of a session."""

    end: End
    message: str = ""

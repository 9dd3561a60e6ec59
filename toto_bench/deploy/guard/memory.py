"""What the guard remembers from one check to the next."""

from dataclasses import dataclass

_NEVER = float("-inf")


@dataclass(frozen=True)
class Memory:
    """Of the commands that passed."""

    steps: int = 0
    started: float | None = None
    """When the first command was checked, s."""
    now: float = _NEVER
    """When the last one was."""
    clock: float = _NEVER
    """The robot's clock, s, at its last tick."""
    ticked: float = _NEVER
    """When that tick arrived here, s."""
    clips: int = 0
    """Targets in a row that were brought nearer."""
    gripper: float | None = None
    """The opening that was sent last."""
    gripper_changed: float = _NEVER
    """When."""

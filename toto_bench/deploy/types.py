"""What a robot tells and what it is told. All times are `time.monotonic()` of this computer unless said otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from toto_bench.deploy.limits import Vector


class RobotMode(StrEnum):
    """Modes of a Franka's controller (libfranka's `RobotMode`)."""

    IDLE = "idle"
    MOVE = "move"
    GUIDING = "guiding"
    REFLEX = "reflex"
    USER_STOPPED = "user-stopped"
    RECOVERY = "recovery"
    OTHER = "other"


@dataclass(frozen=True, eq=False)
class RobotState:
    """One reading of the arm."""

    q: Vector
    """Measured joint positions, float64 [7], rad."""
    dq: Vector
    """Measured joint velocities, float64 [7], rad/s."""
    gripper: float
    """Measured opening of the gripper: 0 closed, 1 open."""
    clock: float
    """The robot's own clock, in seconds: stands still when robot or network do."""
    received: float
    """When this reading arrived here."""
    mode: RobotMode = RobotMode.IDLE
    errors: tuple[str, ...] = ()
    """Names of the errors that the robot reports; none in order."""


@dataclass(frozen=True)
class Sight:
    """Which picture a policy saw; the picture itself is not the guard's business."""

    captured: float
    """When it was taken."""
    sequence: int
    """Number of the picture; stands still when the camera does."""


@dataclass(frozen=True, eq=False)
class Moment:
    """The robot, and the pictures that a command was decided on."""

    robot: RobotState
    sights: Mapping[str, Sight] = field(default_factory=dict)
    """By camera."""


@dataclass(frozen=True, eq=False)
class Command:
    """Where the arm is to go next."""

    q: Vector
    """Target of the joints, float64 [7], rad."""
    gripper: float | None = None
    """Target of its opening, 0 closed to 1 open; None: leave it."""

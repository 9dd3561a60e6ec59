"""Why a robot is stopped, and what can be wrong with its trials."""

from enum import StrEnum

from toto_bench.errors import RequestError, TotoBenchError


class Reason(StrEnum):
    """What the safety guard stopped for; stands in records."""

    LATCHED = "latched"
    """It had stopped before: a stop is final until a person starts anew."""
    BROKEN = "broken"
    """The guard could not judge: a reading of a kind that no driver should give."""
    CLOCK = "clock"
    """Time ran backwards, or is not a number."""
    SHAPE = "shape"
    """A command, or a reading, of the wrong kind or length."""
    NOT_FINITE = "not-finite"
    """NaN or infinity in a command or a reading."""
    ROBOT_STALE = "robot-stale"
    """The robot's own clock stands still, or its state is old."""
    CAMERA_STALE = "camera-stale"
    """A picture is missing or old, or the camera is frozen."""
    PICTURE = "picture"
    """What a camera gives is no picture: another size, black, saturated, of one colour."""
    SKEW = "skew"
    """Picture and robot state are of different moments."""
    MODE = "mode"
    """The robot is in a mode in which it cannot be driven."""
    ROBOT_ERROR = "robot-error"
    """The robot reports errors."""
    JUMP = "jump"
    """A target too far away to be a policy's next step."""
    CLIPPING = "clipping"
    """Too many targets in a row had to be brought nearer."""
    JOINT_RANGE = "joint-range"
    """A joint is, or would be, outside its range."""
    WORKSPACE = "workspace"
    """A part of the arm would leave the workspace."""
    GRIPPER = "gripper"
    """A gripper opening far outside [0, 1]."""
    SPEED = "speed"
    """A joint is faster than anything that was commanded."""
    STEPS = "steps"
    """The trial has had all its steps."""
    TIME = "time"
    """The trial has had all its time."""


class GuardTrip(TotoBenchError):  # noqa: N818  the word for a guard that goes off
    """The safety guard went off: nothing may be sent any more, the arm has to stop."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    @property
    def is_limit(self) -> bool:
        """Whether the trial merely used up its steps or time: an ordinary end, not a fault."""
        return self.reason in {Reason.STEPS, Reason.TIME}


class PlanError(RequestError, ValueError):
    """A plan of trials cannot be made, or is not the one that was begun."""


class JournalError(TotoBenchError):
    """The journal of trials is damaged, or does not belong to the plan."""


class JournalBusyError(RequestError):
    """Another process writes to the journal."""


class TrialOrderError(RequestError, ValueError):
    """An event that cannot follow the ones before: a label for a trial that did not run, a second start."""

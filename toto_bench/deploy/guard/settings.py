"""What the guard lets pass."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from toto_bench.deploy.limits import OURS, Joints, WorkingLimits
from toto_bench.deploy.limits.model import Finite
from toto_bench.deploy.workspace import Workspace
from toto_bench.robots.policy.spec import PolicySpec

Seconds = Annotated[float, Field(gt=0)]


class GuardSettings(Finite):
    """Every threshold of the guard; the defaults are on unless somebody changes them."""

    rate_hz: float = Field(ge=1, le=1000)
    """Commands per second. A slower policy would be let go far between two looks."""
    cameras: tuple[str, ...] = ()
    """Whose pictures have to be fresh; none for a policy that does not see."""
    limits: WorkingLimits = WorkingLimits()
    workspace: Workspace = Workspace()
    robot_age: Seconds = 0.1
    """s; after this long without a tick of the robot's clock its state is stale."""
    camera_age: Seconds = 0.2
    """s."""
    skew: Seconds = 0.1
    """s between a picture and the robot's state."""
    step_share: float = Field(default=0.5, gt=0, le=1)
    """A target may be this share of a period's way at our full velocity from where the arm is; less if `limits` is
    slower."""
    jump: float = Field(default=4.0, gt=1)
    """Targets beyond so many of the largest steps stop the trial; nearer ones are brought to one step."""
    clips_in_a_row: int = Field(default=5, ge=1)
    """So many targets in a row that had to be brought nearer stop the trial."""
    range_slack: float = Field(default=0.1, ge=0)
    """rad; targets further outside a joint's range stop the trial, nearer ones are put on its edge."""
    gripper_slack: float = Field(default=0.5, ge=0)
    """Openings further outside [0, 1] stop the trial. Wide, because a policy that adds to the opening goes on adding
    when the gripper is open."""
    gripper_change: float = Field(default=0.05, ge=0, lt=1)
    """Smaller changes of the opening are not sent: commands of a Franka Hand interrupt each other."""
    gripper_interval: float = Field(default=0.5, ge=0)
    """s between two changes of the opening."""
    speed_margin: float = Field(default=1.5, ge=1)
    """A joint faster than this multiple of its working velocity, or than our table, stops the trial."""
    steps: int = Field(default=10_000, ge=1)
    """Commands of a trial."""
    seconds: Seconds = 60.0
    """s from the first command of a trial."""

    @model_validator(mode="after")
    def _cameras_differ(self) -> Self:
        if len(set(self.cameras)) != len(self.cameras):
            raise ValueError(f"a camera is named twice: {', '.join(self.cameras)}")
        return self

    @classmethod
    def for_policy(cls, spec: PolicySpec, **changes: Any) -> Self:
        """Settings at the rate and with the cameras of a policy."""
        cameras = tuple(camera.name for camera in spec.cameras)
        return cls(**{"rate_hz": spec.rate_hz, "cameras": cameras, **changes})

    @property
    def largest_step(self) -> Joints:
        """How far a target may be from the measured position, rad."""
        share = min(self.step_share, self.limits.speed_factor)
        return tuple(share * velocity / self.rate_hz for velocity in OURS.velocity)

    @property
    def fastest(self) -> Joints:
        """Measured velocity beyond which the trial stops, rad/s."""
        pairs = zip(self.limits.velocity, OURS.velocity, strict=True)
        return tuple(min(self.speed_margin * working, table) for working, table in pairs)

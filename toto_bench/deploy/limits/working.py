"""The limits that are set on the robot and kept by the guard."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from toto_bench.deploy.limits.model import (
    ArmLimits,
    CartesianLimits,
    Finite,
    JointRange,
    Joints,
    Positive,
    PositiveJoints,
)
from toto_bench.deploy.limits.tables import FER, FR3, FR3_RECTANGULAR

SPEED_FACTOR = 0.2
"""Share of the strictest velocities, accelerations and jerks that is used unless somebody asks for more."""


def strictest(name: str, *tables: ArmLimits) -> ArmLimits:
    """For every number the smallest of several tables; ranges are intersected.

    Raises:
        ValueError: the ranges of a joint have nothing in common.
    """
    position = tables[0].position
    for table in tables[1:]:
        position = position.intersected(table.position)
    return ArmLimits(
        name=name,
        source="strictest of: " + "; ".join(table.source for table in tables),
        position=position,
        velocity=_least(*(table.velocity for table in tables)),
        acceleration=_least(*(table.acceleration for table in tables)),
        jerk=_least(*(table.jerk for table in tables)),
        torque=_least(*(table.torque for table in tables)),
        torque_rate=_least(*(table.torque_rate for table in tables)),
        cartesian=CartesianLimits(
            **{
                field: min(getattr(table.cartesian, field) for table in tables)
                for field in CartesianLimits.model_fields
            }
        ),
    )


def _least(*rows: Joints) -> Joints:
    return tuple(min(column) for column in zip(*rows, strict=True))


OURS = strictest("ours", FER, FR3, FR3_RECTANGULAR)
"""Within the limits of either robot, wherever the arm is: no mistake about which robot is connected exceeds them."""


class CollisionThresholds(Finite):
    """Contact beyond which the robot itself stops (values of Polymetis' franka_hardware.yaml)."""

    torque: PositiveJoints = (40.0, 40.0, 40.0, 40.0, 12.0, 12.0, 12.0)
    """N m; not more than the joint's own torque."""
    force: Annotated[tuple[Positive, ...], Field(min_length=6, max_length=6)] = (40.0,) * 6
    """N and N m, along and about x, y and z."""


class WorkingLimits(Finite):
    """Ours, slowed down. Nobody can ask for more than `OURS`."""

    speed_factor: float = Field(default=SPEED_FACTOR, gt=0, le=1)
    """Share of `OURS` for velocity, acceleration and jerk."""
    position: JointRange = OURS.position
    """Where targets may be: `OURS`, or narrower."""
    collision: CollisionThresholds = CollisionThresholds()

    @model_validator(mode="after")
    def _within(self) -> Self:
        if self.position.intersected(OURS.position) != self.position:
            raise ValueError(
                "the joint range reaches beyond ours, in which fixed velocities are safe; narrow it "
                "(`JointRange.intersected`)"
            )
        if any(map(float.__gt__, self.collision.torque, OURS.torque)):
            raise ValueError(
                "a collision threshold is above the torque that the joint can give: it would never trip"
            )
        return self

    @property
    def velocity(self) -> Joints:
        """rad/s."""
        return tuple(self.speed_factor * value for value in OURS.velocity)

    @property
    def acceleration(self) -> Joints:
        """rad/s²."""
        return tuple(self.speed_factor * value for value in OURS.acceleration)

    @property
    def jerk(self) -> Joints:
        """rad/s³."""
        return tuple(self.speed_factor * value for value in OURS.jerk)

    def narrowed(self, position: JointRange) -> "WorkingLimits":
        """The same, within another range as well: the one that the robot reports, or the user's.

        Raises:
            ValueError: the ranges of a joint have nothing in common.
        """
        return WorkingLimits(
            speed_factor=self.speed_factor,
            position=self.position.intersected(position),
            collision=self.collision,
        )

"""The shape of a table of limits."""

from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, model_validator

from toto_bench.cards.base import Strict

JOINTS = 7
"""Joints of the arm."""
Positive = Annotated[float, Field(gt=0)]
Joints = Annotated[tuple[float, ...], Field(min_length=JOINTS, max_length=JOINTS)]
"""A number for each joint, from the base to the flange."""
PositiveJoints = Annotated[tuple[Positive, ...], Field(min_length=JOINTS, max_length=JOINTS)]
Vector = NDArray[np.float64]
"""float64 [7], or [3] for a point."""


class Finite(Strict):
    """A strict model in which no number is NaN or infinite."""

    model_config = ConfigDict(allow_inf_nan=False)


class JointRange(Finite):
    """Where the joints may be, in rad."""

    lower: Joints
    upper: Joints

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for joint, (low, high) in enumerate(zip(self.lower, self.upper, strict=True), 1):
            if low >= high:
                raise ValueError(f"the range of joint {joint} is empty: {low} to {high} rad")
        return self

    def intersected(self, other: "JointRange") -> "JointRange":
        """What both allow.

        Raises:
            ValueError: a joint has no position that both allow.
        """
        return JointRange(
            lower=tuple(map(max, self.lower, other.lower)), upper=tuple(map(min, self.upper, other.upper))
        )

    def outside(self, q: Vector) -> Vector:
        """How far each joint of [7] is outside, in rad; 0 inside."""
        return np.asarray(np.maximum(np.maximum(np.array(self.lower) - q, q - np.array(self.upper)), 0.0))

    def clipped(self, q: Vector) -> Vector:
        """The nearest position of [7] inside."""
        return np.asarray(np.clip(q, self.lower, self.upper))


class CartesianLimits(Finite):
    """Of the end effector."""

    speed: Positive
    """m/s."""
    acceleration: Positive
    """m/s²."""
    jerk: Positive
    """m/s³."""
    turning: Positive
    """rad/s."""
    turning_acceleration: Positive
    """rad/s²."""
    turning_jerk: Positive
    """rad/s³."""


class ArmLimits(Finite):
    """One table, as its source gives it."""

    name: str
    source: str
    """Document or file of the manufacturer."""
    position: JointRange
    velocity: PositiveJoints
    """rad/s, in either direction."""
    acceleration: PositiveJoints
    """rad/s²."""
    jerk: PositiveJoints
    """rad/s³."""
    torque: PositiveJoints
    """N m."""
    torque_rate: PositiveJoints
    """N m/s."""
    cartesian: CartesianLimits

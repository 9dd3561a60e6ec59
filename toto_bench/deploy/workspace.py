"""The box that hand and fingertips stay in, and the floor that no part of the arm goes below."""

from typing import Self

import numpy as np
from pydantic import model_validator

from toto_bench.deploy.kinematics import forward
from toto_bench.deploy.limits import Vector
from toto_bench.deploy.limits.model import Finite

Point = tuple[float, float, float]
_AXES = ("x", "y", "z")
_FIRST_MOVING = 2
"""Joints 1 and 2 sit on the column of the base and never move."""


class Workspace(Finite):
    """In the frame of the arm's base, m: x forward, z up."""

    lower: Point = (0.1, -0.4, 0.0)
    upper: Point = (1.0, 0.4, 1.0)
    """Corners of the box, about those of Polymetis' franka_hardware.yaml; its floor is 0.05 m lower."""
    floor: float = 0.0
    """Height of the table."""
    clearance: float = 0.05
    """How far joints of the arm stay above the floor: their origins are inside the links. Fingertips may touch it."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for axis, low, high in zip(_AXES, self.lower, self.upper, strict=True):
            if low >= high:
                raise ValueError(f"the workspace is empty along {axis}: {low} to {high} m")
        if self.clearance < 0:
            raise ValueError(f"the clearance is {self.clearance} m; it cannot be negative")
        return self

    def violation(self, q: Vector) -> str | None:
        """What would leave the workspace with the joints at q [7], in words; None if all stays inside.

        The fingers are taken as open, so that opening them never leaves the box.
        """
        pose = forward(q)
        parts = {"tool": pose.tool, "left fingertip": pose.ends[0], "right fingertip": pose.ends[1]}
        for name, point in {"hand": pose.hand[:3, 3], **parts}.items():
            for axis, value, low, high in zip(_AXES, point, self.lower, self.upper, strict=True):
                if not low <= value <= high:
                    return f"the {name} would be at {axis} = {value:.3f} m, outside {low:g} to {high:g} m"
        for joint, point in enumerate(pose.joints[_FIRST_MOVING:], _FIRST_MOVING + 1):
            if not point[2] >= self.floor + self.clearance:
                height = point[2] - self.floor
                return f"joint {joint} would be {height:.3f} m above the floor, under {self.clearance:g} m"
        lowest = float(np.min([point[2] for point in parts.values()]))
        if not lowest >= self.floor:
            return f"a fingertip would be {self.floor - lowest:.3f} m below the floor"
        return None

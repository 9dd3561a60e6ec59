"""The plan: where the object starts, for every backbone alike, and in which order backbones take turns."""

import math
from itertools import product
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator

from toto_bench.deploy.errors import PlanError
from toto_bench.deploy.limits.model import Finite
from toto_bench.files import digest, write_json

POSES, ORDER, NAMES = 0, 1, 2
"""Streams of random numbers: poses do not depend on how many backbones there are."""


class Region(Finite):
    """Where the object may lie, in the frame of the arm's base."""

    x: tuple[float, float] = (0.4, 0.6)
    """m, forward."""
    y: tuple[float, float] = (-0.2, 0.2)
    """m, to the left."""
    yaw: tuple[float, float] = (-math.pi / 4, math.pi / 4)
    """rad; a cube looks the same after a quarter turn."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name, (low, high) in (("x", self.x), ("y", self.y), ("yaw", self.yaw)):
            if low > high:
                raise ValueError(f"the region is empty along {name}: {low} to {high}")
        return self


class StartPose(Finite):
    """Of the object, at the beginning of a trial."""

    number: int = Field(ge=1)
    x: float
    """m."""
    y: float
    """m."""
    yaw: float
    """rad."""


class PlannedTrial(Finite):
    """One turn of one backbone."""

    number: int = Field(ge=1)
    """In the order in which trials are run."""
    pose: int = Field(ge=1)
    backbone: str


class TrialPlan(Finite):
    """Everything that is decided before the first trial."""

    version: Literal[1] = 1
    """Of this format."""
    task: str
    backbones: tuple[str, ...] = Field(min_length=1)
    seed: int = Field(ge=0)
    region: Region
    poses: tuple[StartPose, ...] = Field(min_length=1)
    trials: tuple[PlannedTrial, ...]
    aborted: Literal["failure", "exclude"] = "failure"
    """What trials count as that the guard, a fault or the operator ended."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if len(set(self.backbones)) != len(self.backbones):
            raise ValueError(f"a backbone is named twice: {', '.join(self.backbones)}")
        if [pose.number for pose in self.poses] != list(range(1, len(self.poses) + 1)):
            raise ValueError("the start poses are not numbered 1, 2, 3 ...")
        if [trial.number for trial in self.trials] != list(range(1, len(self.trials) + 1)):
            raise ValueError("the trials are not numbered 1, 2, 3 ...")
        turns = sorted((trial.pose, trial.backbone) for trial in self.trials)
        if turns != sorted(product(range(1, len(self.poses) + 1), self.backbones)):
            raise ValueError("not every backbone has exactly one trial from every start pose")
        return self

    @property
    def identity(self) -> str:
        """Hash of the plan; stands in every event of its trials."""
        return digest(self.model_dump(mode="json"))

    def blind_name(self, backbone: str) -> str:
        """What a person who labels trials is shown instead of the backbone's name."""
        order = np.random.default_rng([self.seed, NAMES]).permutation(len(self.backbones))
        return f"policy {int(order[self.backbones.index(backbone)]) + 1}"

    def save(self, path: Path) -> None:
        """Write it, whole or not at all.

        Raises:
            DiskError: the operating system refused.
        """
        write_json(path, self.model_dump(mode="json"))


def read_plan(path: Path) -> TrialPlan:
    """The plan that `TrialPlan.save` wrote.

    Raises:
        PlanError: there is none, or it is damaged.
    """
    try:
        return TrialPlan.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise PlanError(
            f"{path} cannot be read as a plan of trials: {first_problem(error)}. Take another copy of it; a new "
            "plan needs a journal of its own."
        ) from error


def first_problem(error: Exception) -> str:
    """What is wrong, in words."""
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        return f"{f'`{place}`: ' if place else ''}{problem['msg']}"
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)

"""Demonstrations in memory, whatever format they came from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.demonstrations.errors import DemonstrationError
from toto_bench.robots.demonstrations.frames import Frames

Floats = NDArray[np.float64]
OVERSHOOT = 0.05
"""How far measured openings of a gripper may lie beyond 0 and 1; they are clipped."""


@dataclass(frozen=True, eq=False)
class Demonstration:
    """One episode of T steps: what the robot felt and saw, and what it was told to do.

    Raises:
        DemonstrationError: lengths differ, a number is not finite, times do not ascend, or an opening is no opening.
    """

    name: str
    """In its set."""
    joints: Floats
    """Positions float64 [T, J], rad (fingers that slide: m); J = 0 where none were recorded."""
    timestamps: Floats
    """float64 [T], s; they ascend."""
    gripper: Floats | None = None
    """Its opening float64 [T]: 0 closed, 1 open; None: none was recorded, or fingers are among the joints."""
    velocities: Floats | None = None
    """Of the joints float64 [T, J], rad/s."""
    actions: NDArray[np.float32] | None = None
    """float32 [T, A], as they were recorded."""
    cameras: Mapping[str, Frames] = field(default_factory=dict)
    """Pictures by camera, each [T, H, W, 3]."""
    extras: Mapping[str, Floats] = field(default_factory=dict)
    """Other numbers of each step, float64 [T, D], by the name in the file."""
    task: str = ""
    """What was to be done, in words."""
    success: bool | None = None
    """Whether it was; None: nobody said."""

    def __post_init__(self) -> None:
        steps = len(self.timestamps)
        parts: dict[str, NDArray[np.floating] | None] = {
            "joint positions": self.joints,
            "gripper openings": self.gripper,
            "joint velocities": self.velocities,
            "actions": self.actions,
            **self.extras,
        }
        for what, values in parts.items():
            if values is not None:
                self._check(what, values, steps)
        for camera, frames in self.cameras.items():
            if len(frames) != steps:
                raise self._error(f"camera `{camera}` has {len(frames)} pictures for {steps} steps")
        if not steps:
            raise self._error("it has no steps")
        self._check("timestamps", self.timestamps, steps)
        if (np.diff(self.timestamps) <= 0).any():
            place = int(np.argmax(np.diff(self.timestamps) <= 0))
            raise self._error(f"time does not go on from step {place} to the next")
        if self.gripper is not None:
            self._clip(self.gripper)

    def __len__(self) -> int:
        return len(self.timestamps)

    def _check(self, what: str, values: NDArray[np.floating], steps: int) -> None:
        if len(values) != steps:
            raise self._error(f"it has {len(values)} {what} for {steps} steps")
        if not np.isfinite(values).all():
            step = int(np.nonzero(~np.isfinite(values))[0][0])
            raise self._error(f"its {what} are not finite at step {step}")

    def _clip(self, gripper: Floats) -> None:
        low, high = float(gripper.min()), float(gripper.max())
        if low < -OVERSHOOT or high > 1 + OVERSHOOT:
            raise self._error(
                f"its gripper openings run from {low:.3g} to {high:.3g}, and 0 is closed, 1 open "
                "(`StateLayout` says which numbers are closed and open in a file)"
            )
        object.__setattr__(self, "gripper", np.clip(gripper, 0.0, 1.0))

    def _error(self, what: str) -> DemonstrationError:
        return DemonstrationError(f"Demonstration `{self.name}` cannot be used: {what}.")


def of_one_kind(episodes: Sequence[Demonstration], problems: dict[str, str]) -> list[Demonstration]:
    """Those with as many joints and numbers of an action as most; what is wrong with the others joins the problems."""
    kinds = [
        (each.joints.shape[1], 0 if each.actions is None else each.actions.shape[1]) for each in episodes
    ]
    usual = max(kinds, key=kinds.count, default=(0, 0))
    for episode, kind in zip(episodes, kinds, strict=True):
        if kind != usual:
            problems[episode.name] = (
                f"it has {kind[0]} joints and actions of {kind[1]} numbers, and most have {usual[0]} and {usual[1]}"
            )
    return [episode for episode, kind in zip(episodes, kinds, strict=True) if kind == usual]


@dataclass(frozen=True, eq=False)
class DemonstrationSet:
    """Demonstrations of one robot, recorded in one way."""

    episodes: tuple[Demonstration, ...]
    """Those that can be used, in the order of the file."""
    fps: float
    """Steps per second."""
    joints: tuple[str, ...]
    """Names of the J joints, in order."""
    actions: tuple[str, ...]
    """Names of the A numbers of an action; none where none were recorded."""
    source: str
    """Name of the format."""
    path: Path
    """Where they lie."""
    fingerprint: str
    """Digest of the files."""
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the D numbers of each of the extras."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with the episodes that are left out, by name."""
    robot: str = ""
    """As the file names it."""
    splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of episodes by split, as the file has them (robomimic's masks)."""

    @property
    def cameras(self) -> dict[str, tuple[int, int]]:
        """Height and width of the pictures of each camera that every episode has."""
        if not self.episodes:
            return {}
        first, *others = self.episodes
        shared = [name for name in first.cameras if all(name in other.cameras for other in others)]
        return {name: first.cameras[name].shape[1:3] for name in shared}

    @property
    def steps(self) -> int:
        """Of all episodes together."""
        return sum(map(len, self.episodes))

    def __len__(self) -> int:
        return len(self.episodes)

    def __iter__(self) -> Iterator[Demonstration]:
        return iter(self.episodes)

    def __getitem__(self, number: int) -> Demonstration:
        return self.episodes[number]

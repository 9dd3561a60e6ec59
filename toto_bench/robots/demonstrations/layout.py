"""What every step of a recording holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.demonstrations.errors import RecordingError
from toto_bench.robots.demonstrations.model import DemonstrationSet


@dataclass(frozen=True, eq=False)
class Step:
    """One moment of a recording."""

    joints: NDArray[np.floating]
    """Positions [J], rad."""
    pictures: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    """uint8 [H, W, 3] RGB by camera."""
    gripper: float | None = None
    """Its opening: 0 closed, 1 open."""
    velocities: NDArray[np.floating] | None = None
    """[J], rad/s."""
    action: NDArray[np.floating] | None = None
    """[A]: what the robot is told to do now."""
    time: float | None = None
    """When it was, s, of any clock that does not jump; None: steps are as far apart as `fps` says."""
    extras: Mapping[str, NDArray[np.floating]] = field(default_factory=dict)
    """[D] each."""


@dataclass(frozen=True)
class StepLayout:
    """What every step of a recording holds."""

    fps: float
    """Steps per second."""
    joints: tuple[str, ...]
    """Names of the joints."""
    cameras: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Height and width by camera, even numbers."""
    gripper: bool = False
    """Whether the opening of a gripper is recorded."""
    velocities: bool = False
    """Whether joint velocities are recorded."""
    actions: tuple[str, ...] = ()
    """Names of the numbers of an action."""
    times: bool = False
    """Whether the time of each step was measured."""
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the numbers of each of the extras."""
    robot: str = ""
    """What it is called."""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.fps) and self.fps > 0):
            raise RecordingError(f"A recording of {self.fps} steps per second cannot be made.")
        for camera, (height, width) in self.cameras.items():
            if height % 2 or width % 2 or min(height, width) < 16:
                raise RecordingError(
                    f"Pictures of camera `{camera}` are {height}x{width}: H.264 with colours at half the resolution, "
                    "which every player reads, needs even sides of at least 16 pixels. Crop or resize them."
                )
            if "/" in camera or not camera:
                raise RecordingError(f"`{camera}` cannot be the name of a camera: it is one of a folder.")

    def numbers(self, step: Step) -> dict[str, NDArray[np.float64]]:
        """The numbers of a step by what they are: `joints`, `gripper`, `velocities`, `action`, `time` and extras.

        Raises:
            RecordingError: one is missing, has another length, or is not finite; or a picture is not as declared.
        """
        lengths = {"joints": len(self.joints)}
        lengths |= {"gripper": 1} if self.gripper else {}
        lengths |= {"velocities": len(self.joints)} if self.velocities else {}
        lengths |= {"action": len(self.actions)} if self.actions else {}
        lengths |= {"time": 1} if self.times else {}
        given = {name: getattr(step, name) for name in lengths} | dict(step.extras)
        lengths |= {name: len(names) for name, names in self.extras.items()}
        found = {name: _row(name, given.get(name), length) for name, length in lengths.items()}
        for camera, size in self.cameras.items():
            _expect_picture(camera, step.pictures.get(camera), size)
        return found


def layout_of(demonstrations: DemonstrationSet) -> StepLayout:
    """What every step of a set holds.

    Raises:
        RecordingError: it cannot be recorded so: it is empty, or its pictures have odd sides.
    """
    if not demonstrations.episodes:
        raise RecordingError(f"{demonstrations.path} holds no demonstration that can be used.")
    every = demonstrations.episodes
    return StepLayout(
        fps=demonstrations.fps,
        joints=demonstrations.joints,
        cameras=demonstrations.cameras,
        gripper=all(each.gripper is not None for each in every),
        velocities=all(each.velocities is not None for each in every),
        actions=demonstrations.actions if all(each.actions is not None for each in every) else (),
        times=True,
        extras=demonstrations.extras,
        robot=demonstrations.robot,
    )


def _row(name: str, values: object, length: int) -> NDArray[np.float64]:
    if values is None:
        raise RecordingError(f"A step has no `{name}`, and this recording was declared with it.")
    try:
        row = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise RecordingError(f"`{name}` of a step is no row of numbers: {error}.") from error
    if row.shape != (length,):
        raise RecordingError(
            f"`{name}` of a step has shape {list(row.shape)}; it was declared as [{length}]."
        )
    if not np.isfinite(row).all():
        raise RecordingError(f"`{name}` of a step is not finite: the sensor has failed.")
    return row


def _expect_picture(camera: str, picture: NDArray[np.uint8] | None, size: tuple[int, int]) -> None:
    if picture is None:
        raise RecordingError(
            f"A step has no picture of camera `{camera}`, which this recording was declared with."
        )
    if picture.shape != (*size, 3) or picture.dtype != np.uint8:
        raise RecordingError(
            f"The picture of camera `{camera}` is {picture.dtype} {list(picture.shape)}; it was declared as uint8 "
            f"{[*size, 3]}."
        )

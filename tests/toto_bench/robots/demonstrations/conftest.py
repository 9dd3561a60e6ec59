"""Small episodes whose pictures say which step they belong to."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from toto_bench.robots.demonstrations import LeRobotWriter, Step, StepLayout

JOINTS = tuple(f"joint{number}" for number in range(1, 8))
BITS = 10


def pattern(number: int, size: tuple[int, int] = (48, 64)) -> NDArray[np.uint8]:
    """A picture with a colour that drifts, and its number in it: columns are bits, bright or dark."""
    height, width = size
    picture = np.empty((height, width, 3), dtype=np.uint8)
    picture[:] = (40 + 3 * (number % 60), 120, 200 - 2 * (number % 60))
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        picture[: height // 2, left:right] = 230 if number >> bit & 1 else 20
    return picture


def number_in(picture: NDArray[np.uint8]) -> int:
    """The number that `pattern` put there."""
    height, width = picture.shape[:2]
    middle = [(2 * bit + 1) * width // (2 * BITS) for bit in range(BITS)]
    return sum(1 << bit for bit, x in enumerate(middle) if picture[height // 4, x].mean() > 125)


def steps(count: int, seed: int = 0, size: tuple[int, int] = (48, 64)) -> list[Step]:
    """A walk of seven joints and a gripper; the picture of step k holds 100 seed + k."""
    rng = np.random.default_rng(seed)
    joints = np.cumsum(rng.normal(0, 0.02, (count, 7)), axis=0)
    return [
        Step(
            joints=joints[k],
            pictures={"wrist": pattern(100 * seed + k, size), "front": pattern(100 * seed + k + 7, size)},
            gripper=float(k < count // 2),
            velocities=rng.normal(0, 0.1, 7),
            action=np.append(joints[k] + 0.01, 0.5),
            time=50.0 + 0.1 * k + 0.01 * rng.random(),
        )
        for k in range(count)
    ]


LAYOUT = StepLayout(
    fps=10,
    joints=JOINTS,
    cameras={"wrist": (48, 64), "front": (48, 64)},
    gripper=True,
    velocities=True,
    actions=(*JOINTS, "gripper"),
    times=True,
    robot="fr3",
)


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Path]:
    """Records episodes of these lengths, with seeds 0, 1, ... ; the folder."""

    def make(*lengths: int, folder: str = "demos") -> Path:
        with LeRobotWriter(tmp_path / folder, LAYOUT) as writer:
            for seed, length in enumerate(lengths):
                writer.begin(task="pick up the cube" if seed % 2 == 0 else "put it down")
                for step in steps(length, seed):
                    writer.add(step)
                writer.keep(success=seed != 1)
        return tmp_path / folder

    return make

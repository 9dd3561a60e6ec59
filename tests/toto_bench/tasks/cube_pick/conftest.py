"""Demonstrations of a made-up arm that goes where the picture says, in LeRobot's format."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.robots.demonstrations import LeRobotWriter, Step, StepLayout
from toto_bench.runner.execute import RunResult, run
from toto_bench.runner.request import RunRequest

JOINTS = tuple(f"joint_{number}" for number in range(1, 8))
SIZE = (48, 64)
STEPS = 12
Clone = Callable[..., RunResult]


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten demonstrations: a bright picture sends the first joint up, a dark one down; then the gripper closes."""
    folder = tmp_path_factory.mktemp("demos") / "set"
    layout = StepLayout(
        fps=10, joints=JOINTS, cameras={"wrist": SIZE}, gripper=True, actions=(*JOINTS, "gripper")
    )
    with LeRobotWriter(folder, layout) as writer:
        for number in range(10):
            up = number % 2
            writer.begin(task="pick up the cube")
            for step in range(STEPS):
                joints, target = np.zeros(7), np.zeros(7)
                joints[0] = (1 if up else -1) * 0.02 * step
                target[0] = (1 if up else -1) * 0.02 * (step + 1)
                opening = max(0.5, 1 - 0.25 * max(0, step - STEPS // 2))
                command = 0.0 if step >= STEPS // 2 else 1.0
                picture = np.full((*SIZE, 3), 220 if up else 30, dtype=np.uint8)
                writer.add(Step(joints, {"wrist": picture}, opening, action=np.append(target, command)))
            writer.keep(success=True)
    return folder


@pytest.fixture
def clone(one_thread: None, demos: Path, tmp_path: Path) -> Clone:
    """Clone a policy in a second or two."""

    def start(where: str = "runs", values: Any = (), data: Path | None = None, **request: Any) -> RunResult:
        small = {"crop": 48, "resolution": 16, "epochs": 30, "warmup_epochs": 3, "demonstrations": 10}
        whole = RunRequest(
            "franka-cube-pick",
            request.pop("backbone", "pixels"),
            preset="quick",
            values=small | {"batch": 16} | dict(values),
            data=data or demos,
            out=tmp_path / where,
            **request,
        )
        return run(whole)

    return start

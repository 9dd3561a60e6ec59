"""Long drills: SIGKILL in the middle, and several processes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toto_bench.results.folder import find_records
from toto_bench.results.items import read_items
from toto_bench.runner.execute import RunResult

from .conftest import QUICK

pytestmark = pytest.mark.slow
VALUES: dict[str, Any] = {"epochs": 6, "milestones": [4], "batch": 2}


def arguments(data: Path, out: Path) -> list[str]:
    settings = [f"--set={name}={json.dumps(value)}" for name, value in (QUICK | VALUES).items()]
    return ["run", "--task=ego4d_sta", "--backbone=pixels", f"--data={data}", f"--out={out}", *settings]


def start(launcher: list[str], words: list[str]) -> subprocess.Popen[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, *launcher, "-m", "toto_bench", *words],
        env=environment,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def submission(folder: Path) -> str:
    return (folder / "predictions" / "submission.json").read_text()


def test_killed_in_the_middle_of_the_training(
    make_data: Callable[..., Path], evaluate: Callable[..., RunResult], tmp_path: Path
) -> None:
    """The same command finishes it, with the numbers of an unbroken run."""
    data = make_data()
    whole = evaluate(data, values=VALUES, out="whole")
    words = arguments(data, tmp_path / "killed")
    process, state = start([], words), None
    while process.poll() is None and not state:
        state = next((tmp_path / "killed").glob("*/state/training/state.pt"), None)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert state is not None
    assert not find_records(tmp_path / "killed")
    process = start([], words)
    _, said = process.communicate(timeout=500)
    assert process.returncode == 0, said
    [(folder, record)] = find_records(tmp_path / "killed")
    assert record.cost.sessions == 2
    assert record.metrics == whole.record.metrics
    assert read_items(folder) == read_items(whole.path)
    assert submission(folder) == submission(whole.path)


def test_two_processes(make_data: Callable[..., Path], tmp_path: Path) -> None:
    """One record; every image is predicted once."""
    data = make_data()
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone"]
    process = start(launcher, arguments(data, tmp_path / "two"))
    _, said = process.communicate(timeout=500)
    assert process.returncode == 0, said
    [(folder, record)] = find_records(tmp_path / "two")
    assert record.environment.world_size == 2
    assert (record.coverage.scored, record.coverage.listed) == (4, 4)
    assert len(json.loads(submission(folder))["results"]) == 4
    assert [row["uid"] for row in read_items(folder)] == sorted(row["uid"] for row in read_items(folder))

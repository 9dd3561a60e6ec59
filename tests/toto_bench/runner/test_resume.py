"""A run that is killed at any instant is finished by the same command, with the identical result."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.results.folder import find_records
from toto_bench.results.items import read_items
from toto_bench.results.record import RunRecord

SEQUENCES = 5


def command(data: Path, out: Path) -> list[str]:
    """The command line under test."""
    settings = ["resolution=128", "resize=dino", "context_frames=3", "radius=4", "variant=dino"]
    return [
        *(sys.executable, "-m", "toto_bench", "run", "--task", "davis", "--backbone", "pixels"),
        *("--data", str(data), "--out", str(out)),
        *(word for setting in settings for word in ("--set", setting)),
    ]


def finished_sequences(out: Path) -> dict[str, int]:
    """Committed sequences, and when their first mask was written."""
    return {
        name: next(out.glob(f"*/predictions/layer-01/{name}/00000.png")).stat().st_mtime_ns
        for path in out.glob("*/state/items/[!.]*.json")
        if (name := json.loads(path.read_text())["id"])
    }


def result(out: Path) -> tuple[RunRecord, list[dict[str, object]]]:
    """The only finished run under a folder, and its items."""
    [(path, record)] = find_records(out)
    return record, read_items(path)


@pytest.fixture
def data(make_davis: Callable[..., Path]) -> Path:
    """Sequences that are long enough to be killed in."""
    return make_davis(sequences=SEQUENCES, frames=10, size=(120, 160))


def sessions_in(out: Path) -> int:
    """How often the run was started; what a killed session left half written is swept before it counts."""
    states = list(out.glob("*/state/sessions.json"))
    return int(json.loads(states[0].read_text())["count"]) if states else 0


def kill_when(arguments: list[str], out: Path, condition: Callable[[], bool]) -> None:
    """Start the command, and `kill -9` it as soon as its session counts and the condition holds."""
    sessions = sessions_in(out) + 1
    process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (sessions_in(out) == sessions and condition()):
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_killed_at_several_points(data: Path, tmp_path: Path) -> None:
    """Killed before, between and after items, and while it draws: nothing is redone, nothing differs."""
    whole = tmp_path / "whole"
    subprocess.run(command(data, whole), check=True, capture_output=True)
    expected, expected_items = result(whole)

    out = tmp_path / "killed"
    points: list[Callable[[], bool]] = [
        lambda: True,
        lambda: len(finished_sequences(out)) >= 1,
        lambda: bool(list(out.glob("*/predictions/layer-01/.writing-*"))),
        lambda: len(finished_sequences(out)) >= SEQUENCES,
        lambda: bool(list(out.glob("*/artifacts/overlays/*.mp4"))),
    ]
    before: dict[str, int] = {}
    for point in points:
        kill_when(command(data, out), out, point)
        now = finished_sequences(out)
        assert {name: now[name] for name in before} == before, "a finished sequence was done again"
        before = now
    assert not find_records(out)
    subprocess.run(command(data, out), check=True, capture_output=True)

    record, items = result(out)
    assert record.metrics == expected.metrics
    assert record.identity == expected.identity
    assert items == expected_items
    assert record.items_sha256 == expected.items_sha256
    assert record.cost.sessions == len(points) + 1
    assert not list(out.rglob(".writing-*")), "half-written files were left behind"


def test_interrupted_by_the_user(data: Path, tmp_path: Path) -> None:
    """Ctrl-C says that nothing is lost, and exits with 130."""
    out = tmp_path / "runs"
    process = subprocess.Popen(command(data, out), stderr=subprocess.PIPE, text=True)
    while not finished_sequences(out):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on where it was" in stderr
    assert "Traceback" not in stderr


def test_two_ranks_give_one_ranks_numbers(data: Path, tmp_path: Path) -> None:
    """Under torchrun the sequences are shared out; numbers and items are the same."""
    alone, together = tmp_path / "alone", tmp_path / "together"
    subprocess.run(command(data, alone), check=True, capture_output=True)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*launcher, *command(data, together)[1:]],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Coverage 5 of 5") == 1, "one process speaks for all"
    record, items = result(together)
    expected, expected_items = result(alone)
    assert record.metrics == expected.metrics
    assert items == expected_items
    assert record.environment.world_size == 2


def test_a_rank_that_fails_ends_the_others(data: Path, tmp_path: Path) -> None:
    """Its message says why; no rank goes on with the next seed, and none shows a raw error."""
    mask = data / "Annotations/480p/seq-b/00004.png"
    mask.write_bytes(mask.read_bytes()[:60])
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    seeds = ["--seed", "0", "--seed", "1"]
    done = subprocess.run(
        [*launcher, *command(data, tmp_path / "runs")[1:], *seeds],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        timeout=300,
    )
    assert done.returncode != 0
    assert "00004.png" in done.stderr
    assert "not foreseen" not in done.stderr
    assert not find_records(tmp_path / "runs")

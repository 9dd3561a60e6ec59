"""Real processes, joined by gloo: whatever their number, the same metrics and the same items."""

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

from toto_bench.results.folder import find_records
from toto_bench.results.items import read_items
from toto_bench.results.record import RunRecord

ROOT = Path(__file__).parents[4]
WORKER = Path(__file__).with_name("ranks_worker.py")
TRAINS = Path(__file__).with_name("statistics_worker.py")
VAL = 257
"""Images that are scored: a prime number, in five chunks of 64, of which the last holds one."""


def start(worker: Path, processes: int, data: Path, out: Path) -> None:
    """Run a script in so many processes."""
    out.mkdir()
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    done = subprocess.run(
        [sys.executable, *launcher, str(worker), str(data), str(out)],
        env=os.environ
        | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "TOTO_BENCH_HOME": str(out / "home")},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr


def evaluate_in(processes: int, data: Path, out: Path) -> dict[str, tuple[RunRecord, list[dict[str, Any]]]]:
    """Record and items by kind of probe."""
    start(WORKER, processes, data, out)
    found = {}
    for probe in ("linear", "knn"):
        [(path, record)] = find_records(out / probe)
        found[probe] = (record, read_items(path))
    return found


def shares_of(out: Path, processes: int) -> list[list[int]]:
    """Sizes of the chunks that each process scored."""
    texts = [(out / f"rank-{rank}.txt").read_text() for rank in range(processes)]
    return [[int(size) for size in text.split()] for text in texts]


def test_a_set_that_no_number_of_processes_divides(make_images: Callable[..., Path], tmp_path: Path) -> None:
    """One, two and three processes, each with its share of the chunks: equal to the last digit, nothing twice."""
    data = make_images(train=6, val=86)
    (data / "val" / "red" / "red_85.png").unlink()
    alone = evaluate_in(1, data, tmp_path / "of-1")
    for probe, (record, items) in alone.items():
        assert len({item["item"] for item in items}) == len(items) == record.metrics["top1"].n == VAL, probe
    for processes in (2, 3):
        out = tmp_path / f"of-{processes}"
        together = evaluate_in(processes, data, out)
        shares = shares_of(out, processes)
        assert all(shares), "each process had something to score"
        assert sorted(chain(*shares)) == sorted(chain(*shares_of(tmp_path / "of-1", 1)))
        for probe, (record, items) in together.items():
            assert record.environment.world_size == processes
            assert record.metrics == alone[probe][0].metrics
            assert items == alone[probe][1]


def test_all_processes_score_with_the_same_statistics(
    make_images: Callable[..., Path], tmp_path: Path
) -> None:
    """Each has trained on batches of its own: the running averages are those of the first, which are saved."""
    out = tmp_path / "out"
    start(TRAINS, 2, make_images(val=2), out)
    first, second = ((out / f"rank-{rank}.txt").read_text() for rank in range(2))
    assert "0." in first
    assert first == second

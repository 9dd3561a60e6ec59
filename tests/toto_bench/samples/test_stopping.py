"""Making samples is stopped at the worst moment: nothing keeps running, and the same call goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.samples.manifest import read_manifest

SCRIPT = """
import sys
from toto_bench.cli import invoke
from toto_bench.samples.recipes import RECIPES
RECIPES.clear()
RECIPES.update(still="fake_recipes:STILL", moving="fake_recipes:MOVING")
sys.exit(invoke(["data", "make-sample", "--out", sys.argv[1], "--backend", "ray", "--workers", "2"]))
"""


def wait_for(what: Callable[[], bool]) -> None:
    """Until it is true; a minute at most."""
    until = time.monotonic() + 60
    while not what():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return state != "Z"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=lambda how: how.name)
def test_the_same_command_goes_on(how: signal.Signals, make, fakes, tmp_path: Path) -> None:
    """Stopped with some units done and two half made: these are made again, and the result is the same."""
    holding = [fakes.let("hold", unit) for unit in ("still-2", "moving-0")]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    wait_for(lambda: {"still-2", "moving-0"} <= set(fakes.begun()))
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    assert not out
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "goes on where it was" in err
        assert "Traceback" not in err
    wait_for(lambda: not any(is_running(worker) for worker in fakes.processes()))
    assert not read_manifest(tmp_path / "out").tasks
    for hold in holding:
        hold.unlink()
    outcome = make()
    begun = fakes.begun()
    assert {unit: begun.count(unit) for unit in set(begun)} == {
        "still-0": 1,
        "still-1": 1,
        "still-2": 2,
        "moving-0": 2,
        "moving-1": 1,
        "moving-2": 1,
    }
    assert (outcome.made["still"].kept, outcome.made["moving"].kept) == (2, 0)
    assert outcome.manifest == make(out="straight").manifest

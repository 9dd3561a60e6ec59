"""Drills of group 9: the computer's wall clock jumps. Nothing but the stamps for people comes from it."""

import ast
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

import toto_bench.deploy
from toto_bench.deploy.errors import Reason

DEPLOY = Path(toto_bench.deploy.__file__).parent


class _Jumping(datetime):
    """A day back with every look."""

    looks = 0

    @classmethod
    def now(cls, tz=None):
        cls.looks += 1
        return datetime.fromtimestamp(1e9 - 86400 * cls.looks, tz)


def test_a_jumping_clock_changes_nothing(bench, monkeypatch: pytest.MonkeyPatch) -> None:
    jumps = iter(range(10**6))
    monkeypatch.setattr(time, "time", lambda: 1e9 - 1000.0 * next(jumps))
    monkeypatch.setattr(time, "time_ns", lambda: int(1e18) - 10**12 * next(jumps))
    monkeypatch.setattr("toto_bench.deploy.trials.events.datetime", _Jumping)
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "completed", Reason.TIME, "has had its 4 s")
    assert ending.seconds == pytest.approx(4.1, abs=0.11)
    assert datetime.fromisoformat(bench.ended.at) < datetime(2002, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "path",
    sorted(
        path for part in ("runner", "drivers", "simulated", "guard") for path in (DEPLOY / part).rglob("*.py")
    )
    + [DEPLOY / name for name in ("clock.py", "watchdog.py", "signals.py")],
    ids=lambda path: str(path.relative_to(DEPLOY)),
)
def test_nothing_that_moves_an_arm_reads_the_wall_clock(path: Path) -> None:
    called = {
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    }
    assert not called & {
        "time.time",
        "time.time_ns",
        "datetime.now",
        "datetime.utcnow",
        "datetime.datetime.now",
    }

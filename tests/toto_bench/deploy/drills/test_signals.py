"""Drills of group 6: Ctrl-C and its like at any moment. The tests send themselves real signals."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.faults import Fault, FaultKind
from toto_bench.deploy.runner import Cause, read_ticks
from toto_bench.deploy.signals import StopSignals
from toto_bench.deploy.simulated.world import READY
from toto_bench.deploy.trials import Ledger, read_journal
from toto_bench.deploy.trials.ledger import INTERRUPTED

AT = 10


def kill(number: int) -> None:
    os.kill(os.getpid(), number)


def once(bench, number: int) -> None:
    """Send a signal a little later."""
    left = [number]
    bench.clock.follow(lambda now: kill(left.pop()) if now > 0.3 and left else None)


class Interrupting:
    """Passes everything on, and sends a signal in one call of one method."""

    def __init__(self, inner, on: str, number: int, at: int = AT) -> None:
        self._inner, self._on, self._number, self._left = inner, on, number, at

    def __getattr__(self, name):
        value = getattr(self._inner, name)
        if name != self._on:
            return value

        def call(*arguments, **options):
            self._left -= 1
            if self._left == 0:
                kill(self._number)
            return value(*arguments, **options)

        return call


@pytest.mark.parametrize("on", ["observe", "act"])
@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (signal.SIGINT, Cause.OPERATOR),
        (signal.SIGTERM, Cause.TERMINATED),
        (signal.SIGHUP, Cause.TERMINATED),
    ],
)
def test_while_the_robot_is_asked(bench, on: str, number: int, cause: Cause) -> None:
    """The tick that was begun is finished, and no other follows."""
    bench.connect()
    inner = bench.driver
    bench.driver = Interrupting(inner, on, number)
    ending = bench.run()
    bench.expect(ending, "aborted", cause, signal.Signals(number).name)
    assert ending.steps == AT and ending.is_request
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_while_the_policy_thinks(make_bench, swaying) -> None:
    bench = make_bench(
        policy=swaying(spoil=lambda number, chunk: kill(signal.SIGINT) if number == AT else None)
    )
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.OPERATOR, "SIGINT")
    assert ending.steps == AT + 1


def test_while_the_arm_is_on_its_way_to_the_start(bench) -> None:
    bench.connect()
    once(bench, signal.SIGINT)
    with StopSignals(bench.driver.stop) as signals, pytest.raises(RobotFault, match="interrupted"):
        bench.driver.reset(READY + 0.5, interrupted=signals.is_requested)
    assert bench.driver.at_rest(5)
    assert np.abs(bench.arm.scene_state().q - READY).max() < 0.3


def test_while_the_gripper_closes(bench) -> None:
    """The arm holds still, and the gripper keeps what it has."""
    bench.connect()
    once(bench, signal.SIGINT)
    with StopSignals(bench.driver.stop) as signals, pytest.raises(RobotFault, match="interrupted"):
        bench.driver.reset(READY, gripper=0.0, interrupted=signals.is_requested)
    assert bench.driver.at_rest(5)


def test_twice_stops_at_once(make_bench, swaying) -> None:
    """The second one does not wait for the loop: the arm is stopped while the policy still thinks."""
    stopped = []

    def spoil(number, chunk):
        if number == AT:
            kill(signal.SIGINT)
            kill(signal.SIGINT)
            assert bench.driver.called.wait(30)
            stopped.extend(bench.driver.stops)

    bench = make_bench(policy=swaying(spoil=spoil))
    bench.connect()
    ending = bench.run()
    assert stopped == ["SIGINT for the second time"]
    assert (ending.outcome, ending.at_rest) == ("aborted", True)
    assert bench.ended.reason == ending.reason


def test_thrice_gets_out_of_a_policy_that_does_not_return(make_bench, swaying) -> None:
    def spoil(number, chunk):
        if number == AT:
            for _ in range(3):
                kill(signal.SIGINT)

    bench = make_bench(policy=swaying(spoil=spoil))
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.OPERATOR, "Ctrl-C")
    assert ending.steps == AT


@pytest.mark.parametrize("on", ["observe", "act"])
def test_an_interrupt_where_nobody_listens(bench, on: str) -> None:
    """As an exception it stops the arm as well."""
    bench.connect(Fault(FaultKind.INTERRUPTED, on, AT))
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.OPERATOR, "Ctrl-C")


@pytest.mark.parametrize("at", ["start", "end"])
def test_while_the_journal_is_written(bench, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """A Ctrl-C too many after the trial does not cost its end; one before it lets nothing move."""
    write = getattr(Ledger, at)

    def written(ledger, *arguments, **options):
        kill(signal.SIGINT)
        return write(ledger, *arguments, **options)

    monkeypatch.setattr(Ledger, at, written)
    bench.connect()
    ending = bench.run()
    assert bench.ended.reason == ending.reason == ("time" if at == "end" else Cause.OPERATOR)
    assert ending.steps == (0 if at == "start" else bench.ended.steps)


def test_a_killed_process_leaves_everything_readable(bench, tmp_path: Path) -> None:
    """SIGKILL in the middle of a trial: the log holds every tick, and the journal says that it was interrupted."""
    script = textwrap.dedent(f"""
        import os, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        from conftest import Bench, Swaying, build_scene
        policy = Swaying(spoil=lambda number, chunk: os.kill(os.getpid(), signal.SIGKILL) if number == {AT} else None)
        bench = Bench(Path({str(tmp_path)!r}), build_scene(), policy=policy)
        bench.connect()
        bench.run()
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert [tick.number for tick in read_ticks(bench.log.path)] == list(range(AT))
    assert [event.event for event in read_journal(bench.journal).events] == ["planned", "started"]
    with Ledger(bench.plan, bench.journal) as ledger:
        assert ledger.next is not None and ledger.next.number == 2
    assert (bench.ended.outcome, bench.ended.reason) == ("aborted", INTERRUPTED)

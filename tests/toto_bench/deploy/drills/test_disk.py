"""Drills of group 7: the disk is full before, during and after a trial."""

import errno
import json
import os
import re
from pathlib import Path

import pytest

from toto_bench.deploy.runner import Cause, TickLog, Unwritten
from toto_bench.deploy.trials import Ledger, read_journal
from toto_bench.files import DiskError

AT = 10


def test_a_log_that_cannot_be_made_refuses_the_trial(bench) -> None:
    """Before anything moves, and before the journal says that it began."""
    bench.connect()
    (bench.folder / "file").write_text("")
    bench.log = TickLog(bench.folder / "file" / "ticks.jsonl")
    expect_refused(bench, "ticks.jsonl could not be written")


def expect_refused(bench, message: str) -> None:
    with pytest.raises(DiskError, match=re.escape(message)):
        bench.run()
    assert [event.event for event in read_journal(bench.journal).events] == ["planned"]
    assert not bench.driver.stops, "the arm was not touched"


def full_after(monkeypatch: pytest.MonkeyPatch, lines: int, recovers: bool = False):
    """The operating system takes some lines, then none."""
    real, count = os.write, [0]

    def write(file, content):
        if content.startswith(b'{"number"'):
            count[0] += 1
            if lines < count[0] and not (recovers and count[0] > lines + 1):
                raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, content)

    monkeypatch.setattr(os, "write", write)


def test_full_in_the_middle_ends_the_trial_smoothly(bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tick goes on, the arm is brought to rest, and what was not taken lies elsewhere."""
    bench.connect()
    elsewhere = bench.folder / "elsewhere" / "ticks.jsonl"
    bench.log = TickLog(bench.log.path, fallback=elsewhere)
    full_after(monkeypatch, AT)
    ending = bench.run()
    assert (ending.outcome, ending.reason, ending.at_rest) == ("aborted", Cause.DISK, True)
    assert "No space left on device" in ending.message and str(elsewhere) in ending.message
    assert len(bench.ticks) == AT == ending.steps - 1
    assert len(elsewhere.read_text().splitlines()) == 1
    assert bench.ended.reason == "disk"


def test_space_that_comes_back_takes_everything(bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.connect()
    full_after(monkeypatch, AT, recovers=True)
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.DISK, "No space left")
    assert [tick.number for tick in bench.ticks] == list(range(AT + 1))


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full here")
def test_a_device_that_takes_nothing(bench) -> None:
    bench.connect()
    bench.log = TickLog(Path("/dev/full"))
    expect_refused(bench, "/dev/full could not be written")


def test_a_disk_that_is_full_before_the_trial(bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the log fits on it, its lines would not."""
    real = os.write

    def write(file, content):
        if len(content) > 2**16:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, content)

    monkeypatch.setattr(os, "write", write)
    bench.connect()
    expect_refused(bench, "No space left on device")


class _FullLedger(Ledger):
    """Whose end cannot be written for a while."""

    full = True

    def end(self, number, outcome, reason, **details):
        if self.full:
            raise DiskError("trials.jsonl could not be written: No space left on device.")
        super().end(number, outcome, reason, **details)


def test_an_end_that_cannot_be_written_is_kept(bench, tmp_path: Path) -> None:
    from toto_bench.deploy.runner import run_trial

    bench.connect()
    place = tmp_path / "elsewhere" / "unwritten.json"
    unwritten = Unwritten(place)
    with _FullLedger(bench.plan, bench.journal) as ledger:
        ending = run_trial(bench.runner(), ledger, 1, unwritten, bench.log)
        assert ending.outcome == "completed" and ending.at_rest
        assert "The end of trial 1" in str(unwritten.problem) and str(place) in str(unwritten.problem)
        kept = json.loads(place.read_text())
        assert kept[0]["trial"] == 1 and kept[0]["outcome"] == "completed"
        labelled = []
        assert not unwritten.write("The label of trial 1", lambda: labelled.append(True), {"success": True})
        assert not labelled, "a label does not overtake its trial's end"
        ledger.full = False
        assert unwritten.retry() and labelled
    assert len(unwritten) == 0 and unwritten.problem is None and not place.exists()
    assert bench.ended.outcome == "completed"

"""The journal survives kills, power cuts, full disks and a second writer."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from toto_bench.deploy.errors import JournalBusyError, JournalError
from toto_bench.deploy.trials import Journal, Labelled, Planned, read_journal
from toto_bench.files import DiskError

EVENTS = [Planned(plan="p"), Labelled(plan="p", trial=1, success=True, labeller="ada", note="naïve\r\n☂")]


@pytest.fixture
def written(path: Path) -> Path:
    with Journal(path) as journal:
        for event in EVENTS:
            journal.append(event)
    return path


def test_events_come_back(written: Path) -> None:
    assert read_journal(written).events == EVENTS
    assert len(written.read_bytes().splitlines()) == 2


def test_a_line_torn_anywhere_is_cut_off(written: Path) -> None:
    """Every prefix of the file is readable, and goes on."""
    content = written.read_bytes()
    first = content.index(b"\n") + 1
    for length in range(len(content) + 1):
        written.write_bytes(content[:length])
        whole = (length >= first) + (length == len(content))
        assert read_journal(written).events == EVENTS[:whole]
        if length % 37 == 0:
            with Journal(written) as journal:
                assert journal.events == EVENTS[:whole]
                journal.append(EVENTS[0])
            assert read_journal(written).events == [*EVENTS[:whole], EVENTS[0]]


def test_a_last_line_of_zeros_is_torn_too(written: Path) -> None:
    whole = written.read_bytes()
    written.write_bytes(whole + bytes(40) + b"\n")
    with Journal(written) as journal:
        assert journal.events == EVENTS
    assert written.read_bytes() == whole


def test_damage_in_the_middle_is_an_error(written: Path) -> None:
    before = written.read_bytes()
    written.write_bytes(b"{" + before)
    with pytest.raises(JournalError, match="line 1"):
        read_journal(written)
    with pytest.raises(JournalError, match="line 1"):
        Journal(written)
    assert written.read_bytes() == b"{" + before


def test_a_second_writer_is_refused(path: Path) -> None:
    with Journal(path), pytest.raises(JournalBusyError, match="another process"):
        Journal(path)
    Journal(path).close()


def test_each_event_is_synced_before_append_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    real = os.fsync
    with Journal(path) as journal:
        monkeypatch.setattr(os, "fsync", lambda file: (sizes.append(os.fstat(file).st_size), real(file)))
        for event in EVENTS:
            journal.append(event)
            assert sizes[-1] == path.stat().st_size
    assert len(sizes) == 2


@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_a_full_disk_leaves_whole_lines_and_can_be_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    with Journal(path) as journal:
        journal.append(EVENTS[0])
        before, write = path.read_bytes(), os.write
        calls: list[int] = []

        def full(file: int, *rest: Any) -> int:
            calls.append(file)
            if failing == "write" and len(calls) == 1:
                return write(file, rest[0][:7])
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, failing, full)
            with pytest.raises(DiskError, match="No space left"):
                journal.append(EVENTS[1])
        assert path.read_bytes() == before
        assert journal.events == EVENTS[:1]
        journal.append(EVENTS[1])
    assert read_journal(path).events == EVENTS


def test_half_a_line_that_could_not_be_cut_off_is_cut_before_the_next(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two lines would become one, and the journal damaged."""
    with Journal(path) as journal:
        write = os.write

        def refused(*_: Any) -> None:
            raise OSError(errno.EIO, "Input/output error")

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", lambda file, rest: write(file, rest[:7]))
            patch.setattr(os, "fsync", refused)
            patch.setattr(os, "ftruncate", refused)
            with pytest.raises(DiskError):
                journal.append(EVENTS[1])
        journal.append(EVENTS[0])
    assert read_journal(path).events == EVENTS[:1]


def test_no_folder_no_journal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError):
        Journal(tmp_path / "file" / "trials.jsonl")
    with pytest.raises(JournalError, match="No such file"):
        read_journal(tmp_path / "none.jsonl")


KILLED = """
import os, sys
from pathlib import Path
from toto_bench.deploy.trials import Journal, Planned
journal = Journal(Path(sys.argv[1]))
journal.append(Planned(plan="p"))
os.write(journal._file, b'{"event": "plann')
os.kill(os.getpid(), 9)
"""


def test_the_lock_dies_with_its_process(path: Path) -> None:
    """A killed process leaves half a line and no lock."""
    ended = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert ended.returncode == -9
    with Journal(path) as journal:
        assert [event.event for event in journal.events] == ["planned"]

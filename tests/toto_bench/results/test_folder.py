"""The folder of a run: one process at a time, finished items are kept, damage is told."""

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from toto_bench.errors import TotoBenchError
from toto_bench.files import DiskError
from toto_bench.results.folder import RECORD_FILE, RunBusyError, RunFolder, find_records, read_record
from toto_bench.results.record import RunRecord

HOLD = """
import sys, time
from pathlib import Path
from toto_bench.results.folder import RunFolder
with RunFolder(Path(sys.argv[1])).locked():
    print("held", flush=True)
    time.sleep(60)
"""


def make_record(identifier: str) -> RunRecord:
    """A complete record with nothing of interest in it."""
    text = dict.fromkeys
    now = datetime(2025, 1, 1, tzinfo=UTC)
    backbone = text(["name", "architecture", "weights", "checkpoint", "preprocessing"], "x") | {
        "floor": False
    }
    environment = text(["toto_bench", "device", "dtype"], "x") | text(["revision", "dirty", "driver"])
    environment |= text(["batch_size", "world_size", "threads"], 1) | {"packages": {}}
    content: dict[str, Any] = text(["identity", "task", "preset", "protocol_hash", "command"], "x")
    content |= {
        "id": identifier,
        "task_version": 1,
        "seed": 0,
        "limit": None,
        "started": now,
        "finished": now,
    }
    content |= {
        "backbone": backbone,
        "environment": environment,
        "protocol": {},
        "metrics": {},
        "artifacts": {},
    }
    content |= {
        "changed": {},
        "allow_missing": False,
        "data": text(["name", "path", "fingerprint"], "x") | {"comparable": True},
        "coverage": {"scored": 0, "listed": 0},
    }
    content |= {"cost": {"parameters": 0, "seconds": {}, "peak_memory_mb": 0}}
    return RunRecord.model_validate(content)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run that has not begun."""
    return RunFolder(tmp_path / "runs" / "one")


@contextmanager
def held_by_another(folder: RunFolder) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(folder.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_process_is_sent_away_until_the_first_is_killed(folder: RunFolder) -> None:
    """The error names the run and says what to do; after `kill -9` the lock is free."""
    with held_by_another(folder) as process:
        message = r"one\)\. Wait for it, or stop it: the same command then goes on"
        with pytest.raises(RunBusyError, match=message), folder.locked():
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        with folder.locked():
            pass


def test_the_lock_is_free_after_the_block(folder: RunFolder) -> None:
    """Also when the block fails."""
    with pytest.raises(ZeroDivisionError), folder.locked():
        raise ZeroDivisionError
    with folder.locked():
        pass


def test_the_lock_holds_inside_one_process_too(folder: RunFolder) -> None:
    """Two threads, or a notebook that runs the same thing twice."""
    with folder.locked():
        with pytest.raises(RunBusyError), RunFolder(folder.path).locked():
            pass
        with pytest.raises(RunBusyError), RunFolder(folder.path).locked():
            pass


def test_two_that_create_the_lock_at_once_exclude_each_other(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock's file is the same one even if both find none: it is never replaced."""
    with folder.locked():
        before = (folder.path / "lock").stat().st_ino
        monkeypatch.setattr(Path, "exists", lambda path, **_: False)
        with pytest.raises(RunBusyError), RunFolder(folder.path).locked():
            pass
        monkeypatch.undo()
        assert (folder.path / "lock").stat().st_ino == before


@pytest.mark.slow
def test_of_many_that_start_at_once_one_works(tmp_path: Path) -> None:
    """Without a lock's file there, over and over again."""
    start = tmp_path / "start"
    script = HOLD.replace("with RunF", f"while not Path({str(start)!r}).exists(): pass\nwith RunF").replace(
        "60", "3"
    )
    for attempt in range(5):
        start.unlink(missing_ok=True)
        command = [sys.executable, "-c", script, str(tmp_path / f"run-{attempt}")]
        pipe = subprocess.PIPE
        processes = [subprocess.Popen(command, stdout=pipe, stderr=subprocess.DEVNULL) for _ in range(4)]
        time.sleep(3)
        start.touch()
        assert sorted(process.communicate()[0] for process in processes) == [b"", b"", b"", b"held\n"]


def test_a_folder_that_cannot_be_made_is_an_error_of_the_disk(tmp_path: Path) -> None:
    """The path leads through a regular file."""
    (tmp_path / "runs").write_text("")
    with (
        pytest.raises(DiskError, match=r"cannot be written: .*`--out`"),
        RunFolder(tmp_path / "runs" / "x").locked(),
    ):
        pass


def test_a_lock_that_cannot_be_opened_is_an_error_of_the_disk(folder: RunFolder) -> None:
    """Something else lies in its place."""
    (folder.path / "lock").mkdir(parents=True)
    with pytest.raises(DiskError, match="cannot be written"), folder.locked():
        pass


def test_a_disk_without_locks_is_an_error_of_the_disk(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network disks cannot lock."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(DiskError, match="No locks available"), folder.locked():
        pass


def test_what_a_killed_process_had_half_written_is_removed(folder: RunFolder) -> None:
    """Temporary files and folders, at every depth; nothing else."""
    folder.commit("a", 1)
    (folder.path / ".writing-x.json").write_text("{")
    (folder.path / "predictions" / ".writing-y" / "deep").mkdir(parents=True)
    with folder.locked():
        assert sorted(path.name for path in folder.path.iterdir()) == ["lock", "predictions", "state"]
        assert not list((folder.path / "predictions").iterdir())
        assert folder.committed() == {"a": 1}


def test_finished_items_are_kept(folder: RunFolder) -> None:
    """Another object, as in another process, sees them."""
    assert folder.committed() == {}
    row = {"1": {"j": 0.1 + 0.2, "list": [1, None, "é"]}}
    folder.commit("bear", row)
    folder.commit("camel", None)
    assert RunFolder(folder.path).committed() == {"bear": row, "camel": None}


def test_an_item_committed_again_is_replaced(folder: RunFolder) -> None:
    """It is one item."""
    folder.commit("a/b", 1)
    folder.commit("a/b", 2)
    assert folder.committed() == {"a/b": 2}


def test_nan_in_a_row_comes_back(folder: RunFolder) -> None:
    """An object that is never scored has NaN."""
    folder.commit("a", float("nan"))
    assert folder.committed()["a"] != folder.committed()["a"]


def test_ids_that_look_alike_are_kept_apart(folder: RunFolder) -> None:
    """Also on disks that do not tell capital letters, and whatever is long, hidden or odd."""
    ids = [
        "a/b",
        "a-b",
        "a b",
        "a:b",
        "A-b",
        "a-B",
        "../a",
        ".a",
        "-a",
        ".",
        "..",
        "",
        "é",
        "日本",
        "a\0b",
        "/abs/a",
    ]
    ids += ["x" * 300, "x" * 301, "x" * 100, "-3B32lodo2M", "-3b32LODO2m"]
    for number, identifier in enumerate(ids):
        folder.commit(identifier, number)
    assert folder.committed() == {identifier: number for number, identifier in enumerate(ids)}
    names = [path.name for path in (folder.state / "items").iterdir()]
    assert len({name.lower() for name in names}) == len(ids)
    assert not [path for path in folder.path.rglob("*.json") if path.parent != folder.state / "items"]


def test_a_plain_id_is_the_name_of_its_file(folder: RunFolder) -> None:
    """A person who looks finds it."""
    folder.commit("bmx-trees_1.0", 1)
    assert (folder.state / "items" / "bmx-trees_1.0.json").is_file()


def test_half_written_items_do_not_count(folder: RunFolder) -> None:
    """A process killed while it wrote leaves a temporary file, whole or not."""
    folder.commit("a", 1)
    (folder.state / "items" / ".writing-x.json").write_text("")
    (folder.state / "items" / ".writing-y.json").write_text('{"id": "y", "row": 1}')
    assert folder.committed() == {"a": 1}


def test_a_damaged_item_is_an_error_with_a_way_out(folder: RunFolder) -> None:
    """The file is named, and removing it is enough."""
    folder.commit("a", 1)
    path = folder.state / "items" / "a.json"
    path.write_text('{"id": ')
    with pytest.raises(TotoBenchError, match=r"a\.json is damaged: .*Remove the file, then repeat"):
        folder.committed()
    path.unlink()
    assert folder.committed() == {}


def test_small_things_are_remembered(folder: RunFolder) -> None:
    """By name; None before."""
    assert folder.recall("start") is None
    folder.remember("start", {"sessions": 2})
    assert RunFolder(folder.path).recall("start") == {"sessions": 2}


def test_damaged_memory_is_an_error_with_a_way_out(folder: RunFolder) -> None:
    """As a damaged item."""
    folder.remember("start", {})
    (folder.state / "start.json").write_bytes(b"\xff\xff")
    with pytest.raises(TotoBenchError, match=r"start\.json is damaged"):
        folder.recall("start")


def test_a_finished_run_has_its_record(folder: RunFolder) -> None:
    """And nothing of what only an unfinished one needs."""
    folder.commit("a", 1)
    assert not folder.finished
    folder.finish(make_record("one"))
    folder.clear_state()
    folder.clear_state()
    assert folder.finished
    assert folder.record() == make_record("one")
    assert [path.name for path in folder.path.iterdir()] == [RECORD_FILE]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"id": "x"}'])
def test_a_damaged_record_is_an_error_with_a_way_out(folder: RunFolder, content: bytes) -> None:
    """One paragraph that names the file."""
    folder.path.mkdir(parents=True)
    (folder.path / RECORD_FILE).write_bytes(content)
    with pytest.raises(TotoBenchError) as caught:
        folder.record()
    message = str(caught.value)
    assert message.startswith(f"{folder.path / RECORD_FILE} is not a readable run record (")
    assert "`--again`" in message
    assert "\n" not in message


def test_a_record_with_an_unknown_field_is_an_error(folder: RunFolder) -> None:
    """It was written by a later version, or by hand."""
    folder.finish(make_record("one"))
    path = folder.path / RECORD_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"surprise": 1}))
    with pytest.raises(TotoBenchError, match="not a readable run record"):
        read_record(path)


def test_a_missing_record_is_an_error(folder: RunFolder) -> None:
    """Not a traceback."""
    with pytest.raises(TotoBenchError, match="not a readable run record"):
        folder.record()


def test_records_are_found_by_id(tmp_path: Path) -> None:
    """Sorted; unfinished runs and other files are passed over."""
    for name in ("b", "a-2", "a", "c"):
        RunFolder(tmp_path / name).finish(make_record(name))
    RunFolder(tmp_path / "unfinished").commit("x", 1)
    (tmp_path / "notes.txt").write_text("")
    found = find_records(tmp_path)
    assert [path.name for path, _ in found] == [record.id for _, record in found] == ["a", "a-2", "b", "c"]


def test_no_folder_has_no_records(tmp_path: Path) -> None:
    """Before the first run."""
    assert find_records(tmp_path / "nowhere") == []


def test_a_damaged_record_among_others_is_told(tmp_path: Path) -> None:
    """It is not left out silently."""
    RunFolder(tmp_path / "a").finish(make_record("a"))
    RunFolder(tmp_path / "b").finish(make_record("b"))
    (tmp_path / "b" / RECORD_FILE).write_text("{")
    with pytest.raises(TotoBenchError, match="b/record"):
        find_records(tmp_path)

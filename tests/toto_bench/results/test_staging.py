"""What a killed process left is removed; what a living one uses, or someone else's, is not touched."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from toto_bench.files import DiskError
from toto_bench.results import staging as module
from toto_bench.results.staging import staging

HOLDER = """
import sys
from pathlib import Path
from toto_bench.results.staging import staging
with staging(Path(sys.argv[1])) as folder:
    (folder / "half.bin").write_bytes(b"half")
    print(folder.name, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """It does not exist yet."""
    return tmp_path / "runs"


@pytest.fixture
def holder(runs: Path):
    """Another process in the middle of its work, and the name of its folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(runs)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def names(runs: Path) -> list[str]:
    return sorted(path.name for path in runs.iterdir())


def test_nothing_stays(runs):
    """Whether the block ends well or not."""
    with staging(runs) as folder:
        (folder / "a").mkdir()
        (folder / "a" / "b").write_text("")
        assert folder.parent == runs
        assert folder.name.startswith(".importing-")
    assert names(runs) == []
    with pytest.raises(KeyboardInterrupt), staging(runs):
        raise KeyboardInterrupt
    assert names(runs) == []


def test_the_folder_of_a_killed_process_goes_with_the_next(runs, holder):
    """Not before: while the process lives, its folder stays."""
    process, name = holder
    with staging(runs) as folder:
        assert names(runs) == sorted([name, folder.name])
        assert (runs / name / "half.bin").is_file()
    assert names(runs) == [name]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert names(runs) == [name]
    with staging(runs) as folder:
        assert names(runs) == [folder.name]


def test_a_folder_without_a_lock_is_a_leftover(runs):
    """Its process was killed between the two."""
    (runs / ".importing-x" / "a").mkdir(parents=True)
    with staging(runs) as folder:
        assert names(runs) == [folder.name]


def test_what_is_of_others_stays(runs):
    """Half written files of other commands, runs, and a file of that name."""
    (runs / ".writing-x").mkdir(parents=True)
    (runs / "davis-pixels-0").mkdir()
    (runs / ".importing-note").write_text("mine")
    with staging(runs):
        pass
    assert names(runs) == [".importing-note", ".writing-x", "davis-pixels-0"]


def test_a_folder_swept_away_before_it_was_held_is_made_anew(runs, monkeypatch):
    """Another process took it for a leftover: that is no error, and the second one is held."""
    hold, swept = module._hold, []

    def late(folder):
        if not swept:
            swept.append(folder)
            folder.rmdir()
        return hold(folder)

    monkeypatch.setattr(module, "_hold", late)
    with staging(runs) as folder:
        assert folder != swept[0]
        assert names(runs) == [folder.name]


def test_a_disk_without_locks(runs, monkeypatch):
    """One paragraph, and a way out."""

    def refuse(*_):
        raise OSError("No locks available")

    monkeypatch.setattr(module.fcntl, "flock", refuse)
    with pytest.raises(DiskError, match="No locks available"), staging(runs):
        pass

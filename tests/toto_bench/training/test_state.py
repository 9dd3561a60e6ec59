"""The state's file on disks that are full, and files that are no states."""

import os
import resource
import signal
import subprocess

import pytest
import torch

from toto_bench.files import DiskError
from toto_bench.training.errors import DamagedStateError
from toto_bench.training.state import STATE_FILE, read_state


class SmallFiles:
    """No file may be longer than 8 KiB: the system's way to say that there is no more room."""

    def __init__(self) -> None:
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def __call__(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, self._limits[1]))

    def end(self) -> None:
        """As before."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)


@pytest.fixture
def small_files():
    """Called, it makes files small; at the end they are as before."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    small = SmallFiles()
    yield small
    small.end()
    signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_that_refuses_keeps_the_old_state(toy, tmp_path, small_files):
    def watch(done, *rest):
        if done == 7:
            small_files()

    with pytest.raises(DiskError, match=r"could not be written.*The state after 5 steps is as it was"):
        try:
            toy.make(tmp_path, watch=watch).run()
        finally:
            small_files.end()  # before pytest prints, perhaps into a file
    assert read_state(tmp_path / STATE_FILE)["steps"] == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.jsonl", STATE_FILE]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can make a small disk, and not in every container")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_to_be_full(toy, small_disk):
    def watch(done, *rest):
        if done == 7:
            (small_disk / "other").write_bytes(b"0" * (os.statvfs(small_disk).f_bavail * 4096 - 4096))

    with pytest.raises(
        DiskError, match=r"No space left on device. Free some space.*after 5 steps is as it was"
    ):
        toy.make(small_disk, watch=watch).run()
    assert read_state(small_disk / STATE_FILE)["steps"] == 5
    (small_disk / "other").unlink()
    assert toy.make(small_disk).run() == 5


@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"x" * 99]
)
def test_damaged_states_are_named(toy, tmp_path, damage):
    toy.make(tmp_path).run()
    path = tmp_path / STATE_FILE
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedStateError, match="Remove it, and the training begins anew"):
        toy.make(tmp_path).run()


def test_code_in_a_state_is_not_run(tmp_path):
    class Bad:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "ran"),))

    torch.save({"format": 1, "model": Bad()}, tmp_path / STATE_FILE)
    with pytest.raises(DamagedStateError):
        read_state(tmp_path / STATE_FILE)
    assert not (tmp_path / "ran").exists()

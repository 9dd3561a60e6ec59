"""One process at a time, and what goes wrong inside is not taken for another process."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from toto_bench.files import DiskError
from toto_bench.samples.alone import alone
from toto_bench.samples.errors import BusyFolderError


def is_held(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def test_a_folder_is_held_for_as_long_as_the_block_lasts(tmp_path: Path) -> None:
    """It is made where there is none; a second hold is refused, and changes nothing of the first."""
    folder = tmp_path / "a" / "b"
    with alone(folder):
        with pytest.raises(BusyFolderError, match="Another process"), alone(folder):
            pytest.fail("held twice")
        assert is_held(folder)
    assert not is_held(folder)


def test_an_error_of_the_block_comes_out_as_it_is(tmp_path: Path) -> None:
    """Also one that locks know; the folder is free afterwards."""
    with pytest.raises(BlockingIOError, match="a pipe"), alone(tmp_path):
        raise BlockingIOError(errno.EAGAIN, "a pipe is full")
    assert not is_held(tmp_path)


def test_what_cannot_be_a_folder_is_said(tmp_path: Path) -> None:
    """A file is in the way."""
    (tmp_path / "file").touch()
    with pytest.raises(DiskError, match="file could not be written"), alone(tmp_path / "file"):
        pytest.fail("held a file")

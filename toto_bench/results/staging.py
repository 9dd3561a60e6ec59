"""A folder beside runs for what is not yet one of them; that of a killed process is removed by the next."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from toto_bench.files import not_written

_PREFIX = ".importing-"
_LOCK = ".lock"
"""Held as long as the folder is in use; it goes with the process. No run is called so."""


@contextmanager
def staging(runs: Path) -> Iterator[Path]:
    """An empty folder in `runs`, on the same disk; gone with the block. Leftovers of killed processes go first.

    Raises:
        DiskError: the folder cannot be written, or its disk has no locks.
    """
    try:
        runs.mkdir(parents=True, exist_ok=True)
        _sweep(runs)
        folder, lock = _make(runs)
    except OSError as error:
        raise not_written(runs, error) from error
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _make(runs: Path) -> tuple[Path, TextIO]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=runs))
        if (lock := _hold(folder)) is not None:
            return folder, lock


def _sweep(runs: Path) -> None:
    """Remove the folders that no process holds."""
    for folder in list(runs.glob(f"{_PREFIX}*/")):
        try:
            lock = _hold(folder)
        except OSError:
            continue  # of someone else, who may remove it
        if lock is not None:
            with lock:
                shutil.rmtree(folder, ignore_errors=True)


def _hold(folder: Path) -> TextIO | None:
    """The lock of a folder; None: another process holds it, or has just swept the folder away."""
    try:
        stream = (folder / _LOCK).open("a")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(stream.fileno()), (folder / _LOCK).stat()):
            return stream
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError:
        stream.close()
        raise
    stream.close()
    return None

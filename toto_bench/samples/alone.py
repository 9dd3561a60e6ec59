"""One process at a time in a folder of samples."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toto_bench.files import not_written
from toto_bench.samples.errors import BusyFolderError


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold a folder against other processes that make samples; the hold goes with the process, also after `kill -9`.

    Raises:
        BusyFolderError: another one holds it.
        DiskError: the folder cannot be made, or its disk has no locks.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(out, os.O_RDONLY)
    except OSError as error:
        raise not_written(out, error) from error
    try:
        _lock(descriptor, out)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, out: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BusyFolderError(
            f"Another process makes samples in {out}. Wait for it, or choose another folder with `--out`."
        ) from error
    except OSError as error:
        raise not_written(out, error) from error

"""One download of a file at a time: the processes of one run all ask for the same weights."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toto_bench.files import not_written
from toto_bench.progress import Progress


@contextmanager
def alone(target: Path, progress: Progress) -> Iterator[None]:
    """Hold the right to fetch `target`, waiting for it; it goes with the process, also after `kill -9`.

    The lock's file stays: if it were removed, two processes could hold two files of one name.

    Raises:
        DiskError: the folder cannot be written, or its disk has no locks.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        stream = (target.parent / f".{target.name}.lock").open("a")
    except OSError as error:
        raise not_written(target, error) from error
    with stream:
        try:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress.say(f"Another process is downloading {target.name}: waiting for it.")
                fcntl.flock(stream, fcntl.LOCK_EX)
        except OSError as error:
            raise not_written(target, error) from error
        yield

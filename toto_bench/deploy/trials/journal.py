"""The journal of trials: lines of JSON that are on disk before anything else happens, and are never rewritten."""

import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pydantic import ValidationError

from toto_bench.deploy.errors import JournalBusyError, JournalError
from toto_bench.deploy.trials.events import EVENT, Event
from toto_bench.files import not_written, sync


class Content(NamedTuple):
    """What a journal says."""

    events: list[Event]
    whole: int
    """Bytes of the lines that are whole; what follows is a line whose writer was killed."""


def read_journal(path: Path) -> Content:
    """All events; a torn last line is left out.

    Raises:
        JournalError: it cannot be read, or another line than the last is damaged.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise JournalError(
            f"{path}: the journal of trials cannot be read: {error.strerror or error}."
        ) from error
    events: list[Event] = []
    whole = 0
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        try:
            if not line.endswith(b"\n"):
                break
            events.append(EVENT.validate_json(line))
        except ValidationError as error:
            if number == len(lines):
                break  # a power cut may leave a line of zeros
            raise JournalError(
                f"{path}: line {number} of the journal is damaged ({error.errors()[0]['msg']}). Take another "
                "copy, or remove the line if you know what it said: the trials after it depend on it."
            ) from error
        whole += len(line)
    return Content(events, whole)


class Journal:
    """Open for one writer; a second one is refused."""

    def __init__(self, path: Path) -> None:
        """Open or make it, and cut off a torn last line.

        Raises:
            JournalBusyError: another process writes to it.
            JournalError: it is damaged.
            DiskError: the operating system refused.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise not_written(path, error) from error
        try:
            self._lock()
            self.events, self._size = read_journal(path)
            self._cut()
            sync(path.parent)
        except OSError as error:
            os.close(self._file)
            raise not_written(path, error) from error
        except BaseException:
            os.close(self._file)
            raise

    def append(self, event: Event) -> None:
        """Write an event; when this returns, it is on disk.

        Raises:
            DiskError: it is not, and nothing of it is left; the same call may be tried again.
        """
        line = event.model_dump_json().encode() + b"\n"
        try:
            self._cut()
            rest = line
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._cut()
            raise not_written(self.path, error) from error
        self._size += len(line)
        self.events.append(event)

    def close(self) -> None:
        """Let others write to it; a second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise JournalBusyError(
                f"{self.path}: another process is running trials of this plan. Wait until it has ended, or use "
                "another plan."
            ) from error

    def _cut(self) -> None:
        if os.fstat(self._file).st_size > self._size:
            os.ftruncate(self._file, self._size)
            os.fsync(self._file)

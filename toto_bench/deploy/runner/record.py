"""Writing down what happens while it happens, without ever holding up the arm."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from toto_bench.deploy.cameras.base import Frame
from toto_bench.deploy.runner.ticks import Tick
from toto_bench.files import not_written, sync

_SPACE = 2**20
"""Bytes; a log of a minute at 10 Hz has about 0.6 MB."""


class Recorder(Protocol):
    """Keeps a trial. Between `begin` and `end` nothing is raised: a problem is told, and the trial then ends."""

    @property
    def problem(self) -> str | None:
        """Why nothing can be written any more, in words; None while all is well."""
        ...

    def begin(self) -> None:
        """Before anything moves.

        Raises:
            DiskError: nothing can be written here.
        """
        ...

    def tick(self, tick: Tick, frames: Mapping[str, Frame]) -> None:
        """A tick, and the pictures that were looked at."""
        ...

    def end(self) -> None:
        """The arm has been stopped: put everything on disk. Raises nothing; `problem` says what is lost."""
        ...


class NoRecorder:
    """Keeps nothing."""

    problem: str | None = None

    def begin(self) -> None:
        """Nothing to do."""

    def tick(self, tick: Tick, frames: Mapping[str, Frame]) -> None:
        """Forget it."""

    def end(self) -> None:
        """Nothing to do."""


class TickLog:
    """A file of lines of JSON, each handed to the operating system at once: a killed process loses none.

    What a full disk refuses is kept in memory until `end`, which tries again, and then a second place.
    """

    def __init__(self, path: Path, fallback: Path | None = None) -> None:
        """Remember where.

        Args:
            path: of the file; an older one is replaced.
            fallback: a path on another disk, for what `path` does not take.
        """
        self.path, self._fallback = path, fallback
        self.problem: str | None = None
        self._file = -1
        self._kept: list[bytes] = []

    def begin(self) -> None:
        """Make the file, and see that the disk takes more than its name.

        Raises:
            DiskError: the operating system refused, or the disk is full.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            self._file = os.open(self.path, flags, 0o644)
            _expect_space(self._file)
            sync(self.path.parent)
        except OSError as error:
            self._close()
            raise not_written(self.path, error) from error
        self.problem, self._kept = None, []

    def tick(self, tick: Tick, frames: Mapping[str, Frame]) -> None:
        """Write a line."""
        del frames
        line = tick.model_dump_json(exclude_defaults=True).encode() + b"\n"
        self._kept.append(line)
        if self.problem is None:
            self._write()

    def end(self) -> None:
        """Write what is left, and wait until all of it is on disk."""
        if self._file < 0:
            return
        self.problem = None
        self._write()
        try:
            os.fsync(self._file)
        except OSError as error:
            self._fail(error)
        finally:
            self._close()
        if self._kept and self._fallback is not None:
            self._save_elsewhere(self._fallback)

    def _write(self) -> None:
        try:
            while self._kept:
                left = self._kept[0]
                written = os.write(self._file, left)
                if written < len(left):
                    self._kept[0] = left[written:]
                else:
                    del self._kept[0]
        except OSError as error:
            self._fail(error)

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _fail(self, error: OSError) -> None:
        self.problem = str(not_written(self.path, error))

    def _save_elsewhere(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(self._kept))
            sync(path)
        except OSError:
            return
        self.problem = f"{self.problem} The last {len(self._kept)} lines of the log are in {path}."
        self._kept = []


def _expect_space(file: int) -> None:
    """Write what a trial needs, and take it back; a disk may promise space and refuse it later, so wait for it."""
    left = bytes(_SPACE)
    while left:
        left = left[os.write(file, left) :]
    os.fsync(file)
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)

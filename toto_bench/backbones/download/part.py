"""The part of a file that has come so far, and what is needed to go on from it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from toto_bench.files import not_written, write_json


class Part:
    """`TARGET.part`, and beside it `TARGET.part.json`: address, version and length of the file it is a part of."""

    def __init__(self, target: Path, url: str) -> None:
        self.target = target
        self.path = target.with_name(f"{target.name}.part")
        self._url = url
        self._notes = target.with_name(f"{target.name}.part.json")
        self._about = self._read()
        other = self._about.get("url") != url  # another address, or the notes are lost
        if other or not (self.validator or self.complete):
            self.discard()

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def total(self) -> int | None:
        """Bytes of the whole file, where the server has said it."""
        return self._about.get("total")

    @property
    def validator(self) -> str | None:
        """What names the version on the server; None: it cannot be resumed."""
        return self._about.get("validator")

    @property
    def complete(self) -> bool:
        """Whether all has come."""
        return self.path.is_file() and self.size == self.total

    def begin(self, total: int | None, validator: str | None) -> None:
        """Start over. The old bytes go first: they must never be taken for bytes of the new version."""
        self.discard()
        self._note(total, validator)

    def learn(self, total: int) -> None:
        """The length, of a file for which the server had not said it at first."""
        self._note(total, self.validator)

    @contextmanager
    def appending(self) -> Iterator[IO[bytes]]:
        """The file, open at its end.

        Raises:
            DiskError: it cannot be opened.
        """
        try:
            stream = self.path.open("ab", buffering=0)
        except OSError as error:
            raise not_written(self.target, error) from error
        with stream:
            yield stream

    def write(self, stream: IO[bytes], content: bytes) -> None:
        """Add bytes.

        Raises:
            DiskError: the disk is full; what was written before stays.
        """
        left = memoryview(content)
        try:
            while left:
                left = left[stream.write(left) :]
        except OSError as error:
            raise not_written(self.target, error) from error

    def discard(self) -> None:
        """Forget what has come."""
        try:
            self.path.unlink(missing_ok=True)
            self._notes.unlink(missing_ok=True)
        except OSError as error:
            raise not_written(self.target, error) from error
        self._about = {}

    def finish(self) -> None:
        """Put the whole file in its place.

        Raises:
            DiskError: the operating system refused.
        """
        try:
            with self.path.open("rb+") as stream:
                os.fsync(stream.fileno())
            self.path.replace(self.target)
            self._notes.unlink(missing_ok=True)
        except OSError as error:
            raise not_written(self.target, error) from error

    def _note(self, total: int | None, validator: str | None) -> None:
        self._about = {"url": self._url, "total": total, "validator": validator}
        write_json(self._notes, self._about)

    def _read(self) -> dict[str, Any]:
        try:
            about = json.loads(self._notes.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return about if isinstance(about, dict) else {}

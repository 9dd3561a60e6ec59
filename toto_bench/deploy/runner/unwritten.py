"""What a full disk did not take: kept in memory and in a second place, until the journal takes it."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from toto_bench.files import DiskError, write_json


class _Entry(NamedTuple):
    what: str
    write: Callable[[], None]
    content: dict[str, Any]


class Unwritten:
    """Ends and labels of trials that wait to be written, in their order."""

    def __init__(self, fallback: Path) -> None:
        """Nothing waits.

        Args:
            fallback: a JSON file on another disk, for a process that ends before the journal takes anything.
        """
        self._fallback = fallback
        self._entries: list[_Entry] = []
        self.problem: str | None = None
        """What the user has to do, in words; None while nothing waits."""

    def __len__(self) -> int:
        return len(self._entries)

    def write(self, what: str, write: Callable[[], None], content: dict[str, Any]) -> bool:
        """Write now, after all that waits; or keep it.

        Args:
            what: in words.
            write: writes it into the journal, or raises `DiskError`.
            content: the same for a person, as JSON.

        Returns:
            Whether it is on disk.
        """
        self._entries.append(_Entry(what, write, content))
        return self.retry()

    def retry(self) -> bool:
        """Try everything again; whether all of it is on disk."""
        while self._entries:
            try:
                self._entries[0].write()
            except DiskError as error:
                self._keep(error)
                return False
            del self._entries[0]
        if self.problem is not None:
            with contextlib.suppress(OSError):
                self._fallback.unlink(missing_ok=True)
        self.problem = None
        return True

    def _keep(self, error: DiskError) -> None:
        names = ", ".join(entry.what for entry in self._entries)
        try:
            write_json(self._fallback, [{"what": entry.what, **entry.content} for entry in self._entries])
            kept = f"it is kept in memory and in {self._fallback}"
        except DiskError:
            kept = "it is kept in memory alone: do not end this program"
        self.problem = f"{names}: {kept}. {error}"

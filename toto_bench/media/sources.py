"""Where the bytes of an item lie: a file, or a part of one (a member of a tar)."""

from pathlib import Path
from typing import NamedTuple


class Source(NamedTuple):
    """A file, or a range of its bytes."""

    path: Path
    """The file."""
    offset: int = 0
    """Of the first byte."""
    length: int | None = None
    """In bytes; None = up to the end."""

    def read(self) -> bytes:
        """The bytes.

        Raises:
            OSError: the file cannot be read.
        """
        with self.path.open("rb") as stream:
            stream.seek(self.offset)
            return stream.read(-1 if self.length is None else self.length)

    def size(self) -> int:
        """How many bytes there are.

        Raises:
            OSError: the file cannot be looked at.
        """
        return self.path.stat().st_size if self.length is None else self.length

    def __str__(self) -> str:
        """The path, and the place in it of a part."""
        return str(self.path) if self.length is None else f"{self.path} (byte {self.offset:,})"

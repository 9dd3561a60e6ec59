"""Ids that tokenizers gave, kept for good: a frame is tokenised once, whoever asks, and takes half a kilobyte."""

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from toto_bench.files import DiskError

LARGEST = 2**16
"""Ids are below this: two bytes each."""
_AT_ONCE = 500
"""Keys in one question; SQLite takes about a thousand."""


class IdStore:
    """Grids of ids by key, in one file: one file each would cost more to write than what it holds."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, keys: Sequence[str]) -> dict[str, Tensor]:
        """Those that are there, int32; a damaged one is not.

        Raises:
            DiskError: the file cannot be read.
        """
        if not self.path.is_file():
            return {}
        found: dict[str, Tensor] = {}
        with self._open() as database:
            for first in range(0, len(keys), _AT_ONCE):
                some = keys[first : first + _AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = database.execute(
                    f"select key, shape, sum, ids from grids where key in ({marks})",  # noqa: S608  marks alone
                    some,
                )
                found |= {
                    key: _grid(shape, ids) for key, shape, kept, ids in rows if _whole(shape, kept, ids)
                }
        return found

    def put(self, grids: Mapping[str, Tensor]) -> None:
        """Keep grids of integers in [0, 65536), all of them or none.

        Raises:
            DiskError: the disk is full, or the file cannot be written.
        """
        rows = [(key, *_row(grid)) for key, grid in grids.items()]
        with self._open() as database:
            database.executemany("insert or replace into grids values (?, ?, ?, ?)", rows)

    def size(self) -> tuple[int, int]:
        """Number of grids, and bytes of the file.

        Raises:
            DiskError: the file cannot be read.
        """
        if not self.path.is_file():
            return 0, 0
        with self._open() as database:
            [count] = database.execute("select count(*) from grids").fetchone()
        return int(count), self.path.stat().st_size

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The file, with its table; what is written is there when the block ends, whole. A damaged file is removed."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=60)) as database, database:
                database.text_factory = _text
                database.execute(
                    "create table if not exists grids (key text primary key, shape text, sum int, ids blob) "
                    "without rowid"
                )
                yield database
        except (OSError, sqlite3.Error) as error:
            raise (self._remove(error) if _damaged(error) else self._unusable(error)) from error

    def _remove(self, error: Exception) -> DiskError:
        """Make way for a new file."""
        try:
            for path in (self.path, self.path.with_name(f"{self.path.name}-journal")):
                path.unlink(missing_ok=True)
        except OSError as fault:
            return DiskError(
                f"The file of tokenised frames {self.path} is damaged ({error}), and cannot be removed: "
                f"{fault.strerror}. Remove it, or set TOTO_BENCH_HOME to another folder."
            )
        return DiskError(
            f"The file of tokenised frames {self.path} is damaged ({error}) and was removed. It is made anew the next "
            "time: nothing is lost but the time to tokenise the frames again."
        )

    def _unusable(self, error: Exception) -> DiskError:
        return DiskError(
            f"The ids of tokenised frames cannot be kept in {self.path}: {error}. Free some space, or set "
            "TOTO_BENCH_HOME to another folder."
        )


def _damaged(error: Exception) -> bool:
    """Whether the file is no database, a garbled one, or one with another table, which our statements do not fit."""
    code = getattr(error, "sqlite_errorcode", None)
    # The lowest byte tells the kind of an extended code.
    return code is not None and code & 0xFF in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_ERROR,
    )


def _text(content: bytes) -> str:
    """A garbled text is another one, not an error."""
    return content.decode(errors="replace")


def _whole(shape: object, kept: object, ids: object) -> bool:
    """Whether a row is as it was written."""
    return isinstance(shape, str) and isinstance(ids, bytes) and _sum(shape, ids) == kept


def _row(grid: Tensor) -> tuple[str, int, bytes]:
    ids = grid.detach().cpu().numpy().astype("<u2").tobytes()
    shape = json.dumps(list(grid.shape))
    return shape, _sum(shape, ids), ids


def _sum(shape: str, ids: bytes) -> int:
    return zlib.crc32(ids, zlib.crc32(shape.encode()))


def _grid(shape: str, ids: bytes) -> Tensor:
    values = np.frombuffer(ids, "<u2").astype(np.int32)
    return torch.from_numpy(values).reshape(json.loads(shape))

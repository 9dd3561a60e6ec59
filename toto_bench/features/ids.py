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
                    key: _grid(shape, ids) for key, shape, kept, ids in rows if _sum(shape, ids) == kept
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
                database.execute(
                    "create table if not exists grids (key text primary key, shape text, sum int, ids blob) "
                    "without rowid"
                )
                yield database
        except (OSError, sqlite3.Error) as error:
            if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                self.path.unlink(missing_ok=True)
            raise DiskError(
                f"The ids of tokenised frames cannot be kept in {self.path}: {error}. Free some space, or set "
                "TOTO_BENCH_HOME to another folder."
            ) from error


def _row(grid: Tensor) -> tuple[str, int, bytes]:
    ids = grid.detach().cpu().numpy().astype("<u2").tobytes()
    shape = json.dumps(list(grid.shape))
    return shape, _sum(shape, ids), ids


def _sum(shape: str, ids: bytes) -> int:
    return zlib.crc32(ids, zlib.crc32(shape.encode()))


def _grid(shape: str, ids: bytes) -> Tensor:
    values = np.frombuffer(ids, "<u2").astype(np.int32)
    return torch.from_numpy(values).reshape(json.loads(shape))

"""Token ids on disk, read as memory maps; `shard_folder.py` makes them."""

import json
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import DataError
from toto_bench.paths import cache_folder

Ids = NDArray[np.uint16]
SHARDS = "shards"
"""Below the cache folder."""
MANIFEST = "manifest.json"


class Shards:
    """Rows of token ids: `shards.read([3, 0])` is uint16 [2, T, h, w]."""

    def __init__(self, path: Path) -> None:
        self.manifest = _read_manifest(path)
        self._paths = [path / f"part-{number:06d}.npy" for number in range(len(self.manifest["rows"]))]
        self._ends = list(accumulate(self.manifest["rows"]))
        self._open: dict[int, Ids] = {}

    def __len__(self) -> int:
        return int(self._ends[-1])

    @property
    def digest(self) -> str:
        """Of all ids, whatever files they come from."""
        return str(self.manifest["ids"])

    def expect_some(self) -> None:
        """Refuse to go on without a row.

        Raises:
            DataError: no file could be read; tells why of the first.
        """
        if len(self):
            return
        skipped = self.manifest["skipped"]
        file, reason = next(iter(skipped.items()))
        raise DataError(
            f"None of the {len(skipped)} files could be turned into tokens; the first, {file}: {reason}. Restore the "
            "files, or change frames and stride in the recipe."
        )

    def read(self, indices: NDArray[np.int64]) -> Ids:
        """Rows, in the order asked for."""
        return np.stack([self._row(int(index)) for index in indices])

    def _row(self, index: int) -> Ids:
        part = bisect_right(self._ends, index)
        if part not in self._open:
            try:
                self._open[part] = np.load(self._paths[part], mmap_mode="r", allow_pickle=False)
            except (OSError, ValueError) as error:
                raise _damaged(self._paths[part].parent, error) from error
        rows = self._open[part]
        row: Ids = rows[index - self._ends[part] + len(rows)]
        return row


def stored() -> tuple[int, int]:
    """Number of shard folders of this user, finished or not, and their bytes."""
    folders = [path for path in (cache_folder() / SHARDS).glob("*") if path.is_dir()]
    return len(folders), sum(file.stat().st_size for folder in folders for file in folder.iterdir())


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((path / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(
        f"The shards of token ids in {path} are damaged ({error}). Remove the folder: it is made again."
    )

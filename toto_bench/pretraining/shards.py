"""Token ids on disk: a folder of uint16 arrays, made once, read as memory maps."""

import hashlib
import io
import json
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import DataError
from toto_bench.files import digest, write_bytes, write_json
from toto_bench.paths import cache_folder
from toto_bench.pretraining.listing import Listing
from toto_bench.pretraining.recipe import Kind
from toto_bench.pretraining.views import Viewing

Ids = NDArray[np.uint16]
SHARDS = "shards"
"""Below the cache folder."""
MANIFEST = "manifest.json"
FILES_PER_PART: dict[Kind, int] = {"images": 2048, "videos": 64, "frames": 64}


class ShardFolder:
    """`KEY/part-N.npy` (rows [T, h, w]), `part-N.json` (what was left out), and at last the manifest."""

    def __init__(self, store: Path, listing: Listing, kind: Kind, tokenizer: str, viewing: Viewing) -> None:
        """The place of the tokens of some files.

        Args:
            store: folder of all shard folders.
            listing: the files.
            kind: what they are.
            tokenizer: its identity.
            viewing: how views are cut.
        """
        self.listing, self.kind = listing, kind
        self.facts: dict[str, Any] = {
            "kind": kind,
            "tokenizer": tokenizer,
            "size": viewing.size,
            "views": viewing.views,
            "seed": viewing.seed,
            "files": len(listing.files),
            "listing": listing.stamp,
        }
        if kind == "videos":
            self.facts |= {"frames": viewing.frames, "stride": viewing.stride}
        if viewing.zoom > 1:
            self.facts["zoom"] = viewing.zoom
        self.path = store / digest(self.facts)[:24]

    def parts(self) -> list[range]:
        """The files of each part."""
        size, count = FILES_PER_PART[self.kind], len(self.listing.files)
        return [range(at, min(at + size, count)) for at in range(0, count, size)]

    @property
    def finished(self) -> bool:
        """Whether all parts are there."""
        return (self.path / MANIFEST).is_file()

    def has(self, number: int) -> bool:
        """Whether a part is there."""
        return self._array(number).is_file()

    def write(self, number: int, rows: Ids, skipped: dict[str, str]) -> None:
        """Keep a part; two processes that make the same one write the same.

        Raises:
            DiskError: the operating system refused.
        """
        content = io.BytesIO()  # numpy's own writer says nothing of a full disk
        np.save(content, rows, allow_pickle=False)
        sha256 = hashlib.sha256(content.getvalue()).hexdigest()
        write_json(self._note(number), {"skipped": skipped, "sha256": sha256})
        write_bytes(self._array(number), content.getvalue())

    def finish(self) -> None:
        """Write the manifest.

        Raises:
            DiskError: the operating system refused.
        """
        numbers = range(len(self.parts()))
        notes = [json.loads(self._note(number).read_text()) for number in numbers]
        skipped: dict[str, str] = {}
        for note in notes:
            skipped |= note["skipped"]
        rows = [len(np.load(self._array(number), mmap_mode="r")) for number in numbers]
        ids = digest([note["sha256"] for note in notes])
        write_json(self.path / MANIFEST, self.facts | {"rows": rows, "ids": ids, "skipped": skipped})

    def _note(self, number: int) -> Path:
        return self.path / f"part-{number:06d}.json"

    def _array(self, number: int) -> Path:
        return self.path / f"part-{number:06d}.npy"

    def open(self) -> "Shards":
        """All rows.

        Raises:
            DataError: the folder is damaged.
        """
        return Shards(self.path)


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

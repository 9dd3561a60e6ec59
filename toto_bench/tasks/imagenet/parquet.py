"""Parquet files of Hugging Face's `datasets`: columns `image` {bytes, path} and `label`; single rows are read."""

import json
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from threading import Lock
from typing import Any

from toto_bench.errors import DataError
from toto_bench.media.sources import Source

IMAGE, LABEL = "image", "label"
"""Columns."""
LARGE_GROUP = 128_000_000
"""Bytes of a row group, from which on single images are read slowly: a group is read as a whole."""
_KEPT = 256_000_000
"""Bytes of row groups that stay in memory."""


class ParquetImage(Source):
    """The image of a row: `offset` is the number of the row, `length` the bytes of the image."""

    __slots__ = ()

    def read(self) -> bytes:
        """The bytes; the row group that holds them is read, and kept for its neighbours.

        Raises:
            OSError: the file cannot be read, or is damaged.
        """
        starts = _starts(self.path, self.path.stat().st_mtime_ns)
        group = bisect_right(starts, self.offset) - 1
        content = _GROUPS.get(self.path, group)[self.offset - starts[group]].as_py()
        return bytes(content or b"")

    def __str__(self) -> str:
        """The path, and the number of the row."""
        return f"{self.path} (row {self.offset:,})"


class _Groups:
    """Images of the row groups that were read last, for all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._groups: OrderedDict[tuple[Path, int, int], Any] = OrderedDict()

    def get(self, path: Path, group: int) -> Any:
        """A column of pyarrow."""
        key = (path, path.stat().st_mtime_ns, group)
        with self._lock:
            if key in self._groups:
                self._groups.move_to_end(key)
                return self._groups[key]
        images = _column(path, group)
        with self._lock:
            self._groups[key] = images
            while len(self._groups) > 1 and sum(each.nbytes for each in self._groups.values()) > _KEPT:
                self._groups.popitem(last=False)
        return images


_GROUPS = _Groups()


def rows_of(path: Path) -> Iterator[tuple[str | None, int, ParquetImage]]:
    """Name of the file that a row was made of, its label and its image; all row groups are gone through once.

    Raises:
        DataError: it is no such file, or is damaged.
    """
    import pyarrow as pa  # noqa: PLC0415  takes a while
    import pyarrow.compute as pc  # noqa: PLC0415

    place = 0
    try:
        file = _open(path)
        for batch in file.iter_batches(batch_size=256, columns=[IMAGE, LABEL]):
            image = batch.column(IMAGE)
            lengths = pc.binary_length(pc.struct_field(image, "bytes")).to_pylist()
            names = pc.struct_field(image, "path").to_pylist()
            labels = batch.column(LABEL).to_pylist()
            for name, label, length in zip(names, labels, lengths, strict=True):
                yield name, -1 if label is None else int(label), ParquetImage(path, place, length or 0)
                place += 1
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read as a Parquet file with the columns `{IMAGE}` {{bytes, path}} and `{LABEL}` "
            f"({next(iter(str(error).splitlines()), type(error).__name__)}). Download it again, or remove it."
        ) from error


def label_names(path: Path) -> tuple[str, ...]:
    """What labels mean in words, as `datasets` notes it in the file; empty where it does not."""
    content = (_open(path).schema_arrow.metadata or {}).get(b"huggingface")
    try:
        return tuple(map(str, json.loads(content or b"{}")["info"]["features"][LABEL]["names"]))
    except (ValueError, KeyError, TypeError):
        return ()


def largest_group(path: Path) -> int:
    """Bytes of the largest row group."""
    metadata = _open(path).metadata
    return max((metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)), default=0)


@lru_cache(maxsize=4096)
def _starts(path: Path, changed: int) -> list[int]:
    """First row of each group, and the number of rows."""
    del changed
    metadata = _open(path).metadata
    rows = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    return [0, *accumulate(rows)]


def _column(path: Path, group: int) -> Any:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    try:
        image = _open(path).read_row_group(group, columns=[IMAGE]).column(IMAGE)
        return pc.struct_field(image, "bytes").combine_chunks()
    except pa.ArrowException as error:
        raise OSError(str(error)) from error


def _open(path: Path) -> Any:
    from pyarrow import ArrowException  # noqa: PLC0415
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    try:
        # Reading ahead is for whole files; here it costs half of the time.
        return ParquetFile(path, pre_buffer=False)
    except ArrowException as error:
        raise OSError(str(error)) from error

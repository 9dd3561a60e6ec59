"""Per-item results: `items.parquet`, one row per scored item."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toto_bench.errors import DataError
from toto_bench.files import write_with

ITEMS_FILE = "items.parquet"


def write_items(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows of a run; columns in the order of the first row."""
    import pyarrow as pa  # noqa: PLC0415  records are read where pyarrow is not wanted
    import pyarrow.parquet as pq  # noqa: PLC0415

    table = pa.Table.from_pylist(list(rows))
    write_with(folder / ITEMS_FILE, lambda path: pq.write_table(table, path, compression="zstd"))


def read_items(folder: Path) -> list[dict[str, Any]]:
    """The rows of a run.

    Raises:
        DataError: the file is missing or damaged.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415

    path = folder / ITEMS_FILE
    try:
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}. Repeat the run with `--again`.") from error
    return rows

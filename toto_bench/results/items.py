"""Per-item results: `items.parquet`, one row per scored item."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toto_bench.errors import DataError
from toto_bench.files import write_with

ITEMS_FILE = "items.parquet"


def write_items(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows of a run; columns in the order in which rows bring them, None where a row has none."""
    import pyarrow as pa  # noqa: PLC0415  records are read where pyarrow is not wanted
    import pyarrow.parquet as pq  # noqa: PLC0415

    names = dict.fromkeys(name for row in rows for name in row)
    table = pa.table({name: [row.get(name) for row in rows] for name in names})
    write_with(folder / ITEMS_FILE, lambda path: pq.write_table(table, path, compression="zstd"))


def read_items(folder: Path) -> list[dict[str, Any]]:
    """The rows of a run.

    Raises:
        DataError: the file is missing or damaged.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    path = folder / ITEMS_FILE
    try:
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(f"{path} cannot be read: {error}. Repeat the run with `--again`.") from error
    return rows

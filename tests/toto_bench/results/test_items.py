"""Per-item rows on disk."""

import math
from pathlib import Path
from typing import Any

import pytest

from toto_bench.errors import DataError
from toto_bench.results.items import ITEMS_FILE, read_items, write_items

ROWS: list[dict[str, Any]] = [
    {"video": "bär/1", "object": 1, "j": 0.1 + 0.2, "seen": True, "note": None},
    {"video": "dog", "object": 2, "j": 1e-300, "seen": False, "note": "hidden"},
]


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    """Values to the last digit, types, None, and the order of rows and columns."""
    write_items(tmp_path / "run", ROWS)
    found = read_items(tmp_path / "run")
    assert found == ROWS
    assert list(found[0]) == list(ROWS[0])


def test_nan_stays_nan(tmp_path: Path) -> None:
    """NaN (not defined) is not None (not there)."""
    write_items(tmp_path, [{"j": float("nan")}, {"j": None}, {"j": 0.5}])
    first, second, third = (row["j"] for row in read_items(tmp_path))
    assert math.isnan(first)
    assert second is None
    assert third == 0.5


def test_rows_with_different_columns_lose_nothing(tmp_path: Path) -> None:
    """A column that the first row lacks is kept."""
    write_items(tmp_path, [{"a": 1}, {"b": 2.5, "a": 3}, {"b": 4.0}])
    expected = [{"a": 1, "b": None}, {"a": 3, "b": 2.5}, {"a": None, "b": 4.0}]
    assert read_items(tmp_path) == expected


def test_no_rows(tmp_path: Path) -> None:
    """A run that scored nothing has an empty file."""
    write_items(tmp_path, [])
    assert read_items(tmp_path) == []


def test_rows_are_replaced_whole(tmp_path: Path) -> None:
    """Nothing but the new file is left."""
    write_items(tmp_path, ROWS)
    write_items(tmp_path, ROWS[:1])
    assert read_items(tmp_path) == ROWS[:1]
    assert [path.name for path in tmp_path.iterdir()] == [ITEMS_FILE]


def test_a_missing_file_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(DataError, match=r"items\.parquet cannot be read.*`--again`"):
        read_items(tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_file_is_an_error(tmp_path: Path, share: float) -> None:
    """However much of it is left."""
    write_items(tmp_path, ROWS)
    path = tmp_path / ITEMS_FILE
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataError, match="cannot be read"):
        read_items(tmp_path)


def test_a_damaged_file_never_ends_in_another_error(tmp_path: Path) -> None:
    """Any byte may be wrong: then rows come back, or our own error."""
    write_items(tmp_path, ROWS)
    path = tmp_path / ITEMS_FILE
    content = path.read_bytes()
    refused = 0
    for place in range(0, len(content), 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            read_items(tmp_path)
        except DataError:
            refused += 1
    assert refused

"""Lists of videos: CVDF's csv with a header, and lists of paths and class ids as SlowFast, mmaction and V-JEPA have."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from toto_bench.errors import DataError

_HEADER = {"youtube_id", "time_start"}
_SEPARATORS = ("\t", ",", " ")


class Row(NamedTuple):
    """A line of a list."""

    line: int
    """From 1."""
    name: str
    """Identifier and times of a CVDF line, `<id>_<start:06d>_<end:06d>`; the path of another one."""
    label: str | None
    """Class in words (CVDF); None where the list has ids, or none at all."""
    class_id: int | None
    """Class id; None where the list has words."""
    other: str | None = None
    """The path read in another way: with the number that stood between it and the id."""


class Listing(NamedTuple):
    """A list."""

    path: Path
    """The file."""
    kind: str
    """`CVDF csv` or `list of paths`."""
    rows: tuple[Row, ...]
    """In the order of the file."""


def read_listing(path: Path) -> Listing:
    """A list of either kind, told apart by its header.

    Raises:
        DataError: it cannot be read, is empty, or has a line that is neither.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as a list of videos ({error}).") from error
    lines = text.splitlines()
    first = {word.strip() for word in lines[0].split(",")} if lines else set()
    cvdf = first >= _HEADER
    rows = tuple(_cvdf_rows(path, lines) if cvdf else _path_rows(path, lines))
    if not rows:
        raise DataError(f"{path} lists no video. Restore it.")
    return Listing(path, "CVDF csv" if cvdf else "list of paths", rows)


def clip_name(identifier: str, start: str, end: str) -> str:
    """The name of a clip's file as CVDF writes it; the identifier alone where no times are known."""
    if not start.strip() or not end.strip():
        return identifier
    return f"{identifier}_{round(float(start)):06d}_{round(float(end)):06d}"


def identifier_of(stem: str) -> str:
    """The identifier in a file's name: `-A_b_000010_000020` is of `-A_b`, for identifiers hold `-` and `_` too."""
    parts = stem.rsplit("_", 2)
    if len(parts) == 3 and all(len(part) == 6 and part.isdigit() for part in parts[1:]):
        return parts[0]
    return stem


def _cvdf_rows(path: Path, lines: list[str]) -> Iterator[Row]:
    for number, row in enumerate(csv.DictReader(lines, skipinitialspace=True), 2):
        try:
            identifier = row["youtube_id"].strip()
            name = clip_name(identifier, row.get("time_start") or "", row.get("time_end") or "")
        except (AttributeError, ValueError, KeyError) as error:
            raise DataError(
                f"{path}, line {number}, is not of the form `label,youtube_id,time_start,time_end,split` ({error})."
            ) from error
        yield Row(number, name, (row.get("label") or "").strip() or None, None)


def _path_rows(path: Path, lines: list[str]) -> Iterator[Row]:
    """`path id` or `path number id`; paths may hold the separator, so lines are read from their end."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row = next(filter(None, (_split(number, line.strip(), mark) for mark in _SEPARATORS)), None)
        if row is None:
            raise DataError(
                f"{path}, line {number}, is `{line.strip()[:80]}`: expected a path and a class id, apart by a blank, a "
                "comma or a tab, as in `val/abc.mp4 17`; or a header as CVDF's lists have it "
                "(`label,youtube_id,time_start,time_end,split`)."
            )
        yield row


def _split(number: int, line: str, mark: str) -> Row | None:
    name, found, last = line.rpartition(mark)
    name = name.rstrip(f" {mark}")
    if not found or not last.strip().isdigit() or not name:
        return None
    shorter, found, between = name.rpartition(mark)
    if found and between.strip().isdigit() and shorter.strip():
        return Row(number, shorter.strip(), None, int(last), name.strip())
    return Row(number, name.strip(), None, int(last))

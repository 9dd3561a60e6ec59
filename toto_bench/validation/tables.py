"""Checks of the tables under `leaderboards`: form first, then every row."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from toto_bench.leaderboard.csv_format import COLUMNS, PUBLISHED_COLUMNS
from toto_bench.leaderboard.published import FOR_REFERENCE
from toto_bench.paths import shipped
from toto_bench.validation.findings import Failed, Finding, Subject, attempt, explained
from toto_bench.validation.rows import Line, Names, check_line, is_twice

NO_TASK = ("scaling",)
"""Tables of no task."""


def check_published(names: Names, folder: Path | None = None) -> Iterator[Subject]:
    """The published tables; `names` are what their rows may speak of."""
    folder = folder or shipped("leaderboards") / "published"
    for path in sorted(folder.glob("*.csv")):
        subject = Subject(path.stem, "table", path)
        lines = [line for line in _read(path, PUBLISHED_COLUMNS, subject) if names.wants(line)]
        of_a_task, for_reference = path.stem not in NO_TASK, path.stem in FOR_REFERENCE
        for line in lines:
            subject.findings += check_line(line, names, of_a_task=of_a_task, for_reference=for_reference)
        subject.findings += is_twice(lines, whole=for_reference)
        yield subject


def check_measured(folder: Path | None = None) -> Iterator[Subject]:
    """The tables of measured rows, where there are any: their columns."""
    folder = folder or shipped("leaderboards") / "measured"
    for path in sorted(folder.glob("*.csv")):
        subject = Subject(f"measured/{path.stem}", "table", path)
        _read(path, COLUMNS, subject)
        yield subject


def _read(path: Path, columns: Sequence[str], subject: Subject) -> list[Line]:
    """Lines of a table that have the right number of cells; what is wrong goes into the subject."""
    content = attempt(lambda: _cells(path))
    if isinstance(content, Failed):
        subject.findings.append(Finding("", f"The table cannot be read. {explained(content)}"))
        return []
    heading = content[0][1] if content else []
    if heading != list(columns):
        subject.findings.append(Finding("columns", _columns_differ(heading, columns)))
        return []
    lines = []
    for number, cells in content[1:]:
        if len(cells) == len(columns):
            lines.append(Line(number, dict(zip(columns, cells, strict=True))))
        else:
            text = f"line {number} has {len(cells)} cells instead of {len(columns)}: quote those with commas in them."
            subject.findings.append(Finding(f"line {number}", text))
    return lines


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        return [(reader.line_num, cells) for cells in reader if cells]


def _columns_differ(found: Sequence[str], expected: Sequence[str]) -> str:
    missing = [f"`{name}`" for name in expected if name not in found]
    unknown = [f"`{name}`" for name in found if name not in expected]
    parts = [f"missing: {', '.join(missing)}"] if missing else []
    parts += [f"unknown: {', '.join(unknown)}"] if unknown else []
    return (
        f"The columns are not those of the format ({'; '.join(parts) or 'in another order'}). They are: "
        + (f"{', '.join(expected)}.")
    )

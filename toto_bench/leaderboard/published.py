"""Published rows: the CSV files under `leaderboards/published`, one number per line."""

import csv
from collections.abc import Collection
from pathlib import Path

from toto_bench.errors import TotoBenchError
from toto_bench.leaderboard.rows import Number, Row
from toto_bench.paths import shipped

FOR_REFERENCE = ("design_choices", "scaling")
"""Files that are no rows of a table: ablations of other models, and power laws."""
POINTS = ("%", "mAP")
"""Units whose values are printed as points, 0 to 100."""
_ONE_NUMBER = ("metric", "value", "unit", "note")
"""Columns in which the numbers of one row may differ."""


def published_rows(tasks: Collection[str]) -> list[Row]:
    """Rows of these tasks in the papers' order; the numbers of one row stand together.

    Raises:
        TotoBenchError: a file is not as `leaderboards/published/README.md` says.
    """
    rows: list[Row] = []
    for path in sorted((shipped("leaderboards") / "published").glob("*.csv")):
        if path.stem not in FOR_REFERENCE:
            rows += [row for row in read_published(path) if row.task in tasks]
    return rows


def read_published(path: Path) -> list[Row]:
    """Rows of one file.

    Raises:
        TotoBenchError: a column is missing, or a value is not a number.
    """
    grouped: dict[tuple[str, ...], list[dict[str, str]]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            for line in csv.DictReader(stream):
                key = tuple(value for column, value in line.items() if column not in _ONE_NUMBER)
                grouped.setdefault(key, []).append(line)
        return [_row(lines) for lines in grouped.values()]
    except (OSError, KeyError, ValueError, csv.Error) as error:
        raise TotoBenchError(
            f"{path} is not a table of published numbers ({type(error).__name__}: {error}). Its columns are "
            "described in README.md beside it."
        ) from error


def _row(lines: list[dict[str, str]]) -> Row:
    first = lines[0]
    return Row(
        task=first["task"],
        method=first["method"],
        backbone=first["backbone"],
        architecture=first["architecture"],
        parameters_m=first["parameters_m"],
        setting=first["setting"],
        protocol=first["protocol"],
        protocol_values=first["protocol_values"],
        group=first["group"],
        source=first["source"],
        numbers={line["metric"]: _number(line) for line in lines},
    )


def _number(line: dict[str, str]) -> Number:
    """Points become fractions; rounding takes away what the division adds."""
    value = float(line["value"])
    return Number(value=round(value / 100, 10) if line["unit"] in POINTS else value, note=line["note"])

"""CSV: tidy, one number per line; the first columns are those of the published tables."""

import csv
import io
from collections.abc import Iterable, Sequence

from toto_bench.cards import TaskCard
from toto_bench.leaderboard.build import Leaderboard
from toto_bench.leaderboard.cost import CSV_COLUMNS, UNIFIED_CSV_COLUMNS, cost_line, tasks_cost_line
from toto_bench.leaderboard.metrics import metric_info, scale_of
from toto_bench.leaderboard.rows import Number, Provenance, Row
from toto_bench.leaderboard.table import TaskTable
from toto_bench.leaderboard.unified import Unified, UnifiedRow

PUBLISHED_COLUMNS = (
    *("task", "protocol", "method", "architecture", "parameters_m", "setting", "metric", "value", "unit"),
    *("group", "source", "note", "backbone", "protocol_values"),
)
"""The columns of `leaderboards/published`."""
_IDENTITY = (
    *("preset", "protocol_hash", "task_version", "data", "fingerprint", "comparable", "dtype", "weights"),
    "checkpoint",
)
"""Columns that are fields of a row's provenance as they are."""
MEASURED_COLUMNS = (
    "run",
    *_IDENTITY,
    *(
        "low",
        "high",
        "interval",
        "n",
        "seeds",
        "scored",
        "listed",
        "selection",
        "floor",
        "version",
        "revision",
    ),
)
"""What only measured rows have."""
COLUMNS = [*PUBLISHED_COLUMNS, *MEASURED_COLUMNS]
DECIMALS = 4


def to_csv(board: Leaderboard, *, cost: bool = False) -> str:
    """Published and measured rows of every table; the rows on the bundled sample have `sample` as their data."""
    tables = (*board.tables, *board.samples)
    lines = [line for table in tables for line in _lines(table.rows, table.card, cost=cost)]
    return _text([*COLUMNS, *(CSV_COLUMNS if cost else ())], lines)


def measured_csv(table: TaskTable) -> str:
    """Measured rows of one table, in an order that does not depend on the numbers, so that changes are small.

    Costs are left out: time and memory differ from run to run, and would change the file without a new result.
    """
    rows = sorted(table.measured, key=_stable_order)
    return _text(COLUMNS, list(_lines(rows, table.card)))


def unified_csv(table: Unified, *, cost: bool = False) -> str:
    """The unified table: a column for each task, in points where the metric is a fraction."""
    columns = ["backbone", "kind", "floor", *(card.name for card in table.cards), "tasks", "of", "mean"]
    return _text(
        [*columns, *(UNIFIED_CSV_COLUMNS if cost else ())],
        [_unified_line(row, table.cards) | (tasks_cost_line(row.cost) if cost else {}) for row in table.rows],
    )


def cell(value: float | None, scale: int) -> str:
    """A value in full: four decimals at most, empty where it is not defined."""
    if value is None:
        return ""
    text = f"{value * scale:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _text(columns: Sequence[str], lines: Iterable[dict[str, str]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([line.get(column, "") for column in columns] for line in lines)
    return stream.getvalue()


def _lines(rows: Iterable[Row], card: TaskCard, *, cost: bool = False) -> Iterable[dict[str, str]]:
    for row in rows:
        shared = _shared(row) | (_measured(row.provenance) if row.provenance else {})
        shared |= cost_line(row) if cost else {}
        for metric, number in row.numbers.items():
            yield shared | _numbers(metric, number, card)


def _shared(row: Row) -> dict[str, str]:
    names = ("task", "protocol", "method", "architecture", "parameters_m", "setting", "group", "source")
    return {name: getattr(row, name) for name in (*names, "backbone", "protocol_values")}


def _numbers(metric: str, number: Number, card: TaskCard) -> dict[str, str]:
    info, scale = metric_info(card, metric), scale_of(card, metric)
    return {
        "metric": metric,
        "value": cell(number.value, scale),
        "unit": info.unit if info else "",
        "note": number.note,
        "low": cell(number.low, scale),
        "high": cell(number.high, scale),
        "interval": number.interval,
        "n": "" if number.n is None else str(number.n),
        "selection": number.selection,
    }


def _measured(provenance: Provenance) -> dict[str, str]:
    return {
        name: str(getattr(provenance, name))
        for name in (*_IDENTITY, "scored", "listed", "version", "revision")
    } | {
        "run": " ".join(provenance.runs),
        "seeds": " ".join(map(str, provenance.seeds)),
        "comparable": "yes" if provenance.comparable else "",
        "floor": "yes" if provenance.floor else "",
    }


def _unified_line(row: UnifiedRow, cards: Sequence[TaskCard]) -> dict[str, str]:
    values = {
        card.name: cell(found.number.value, scale_of(card, card.primary))
        for card in cards
        if (found := row.cells.get(card.name))
    }
    return values | {
        "backbone": row.name,
        "kind": "measured" if row.measured else "published",
        "floor": "yes" if row.floor else "",
        "tasks": str(len(values)),
        "of": str(len(cards)),
        "mean": cell(row.mean, scale_of(cards[0], cards[0].primary)),
    }


def _stable_order(row: Row) -> tuple[str, ...]:
    provenance = row.provenance
    assert provenance is not None
    return (row.backbone, row.protocol, provenance.protocol_hash, provenance.weights, *provenance.runs)

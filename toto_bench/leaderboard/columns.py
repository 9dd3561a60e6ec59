"""The columns of a task's Markdown table."""

from collections.abc import Callable

from toto_bench.leaderboard.column import Column
from toto_bench.leaderboard.cost import parameters_of
from toto_bench.leaderboard.cost_columns import cost_columns
from toto_bench.leaderboard.marks import Marks
from toto_bench.leaderboard.metrics import NOTHING, decimals_of, metric_title, points, scale_of, with_interval
from toto_bench.leaderboard.rows import Provenance, Row, short
from toto_bench.leaderboard.table import TaskTable


def columns_of(table: TaskTable, marks: Marks, *, cost: bool = False) -> list[Column]:
    """Words first, then metrics, then what a measured row is made of, and on request what it cost.

    Columns that are empty in all blocks go.
    """
    words = [
        Column("Method", lambda row: row.method + marks.of_method(row)),
        Column("Architecture", lambda row: "" if row.provenance else row.architecture),
        Column("Params (M)", parameters_of if cost else lambda row: row.parameters_m, numeric=True),
        Column("Setting", lambda row: row.setting),
    ]
    made_of = [
        Column("Protocol", _protocol),
        Column("Weights", _measured(_weights)),
        Column("Data", _measured(lambda p: f"{p.data} {short(p.fingerprint)}")),
        Column("Seeds", _measured(lambda p: str(len(p.seeds))), numeric=True),
        Column("Coverage", _measured(_coverage)),
        *(cost_columns() if cost else ()),
        Column("Against the paper", lambda row: _against(row, table)),
        Column("Source", lambda row: _source(row) + marks.of_row(row)),
    ]
    metrics = [_metric_column(table, name, marks) for name in shown_metrics(table)]
    optional = [column for column in [*words, *made_of] if any(column.cell(row) for row in table.rows)]
    return [*(c for c in words if c in optional), *metrics, *(c for c in made_of if c in optional)]


def shown_metrics(table: TaskTable) -> list[str]:
    """The paper's columns: what its rows of the task have, else all of the card; and variants of the primary."""
    there = _metrics_there(table)
    published = {name for row in table.rows if row.provenance is None for name in row.numbers}
    wanted = published or set(there)
    primary = table.card.primary
    return [
        name for name in there if (name in wanted and "@" not in name) or name.startswith((f"{primary}@",))
    ]


def hidden_metrics(table: TaskTable) -> list[str]:
    """What somebody has, and only the CSV shows."""
    shown = shown_metrics(table)
    return [name for name in _metrics_there(table) if name not in shown]


def _metrics_there(table: TaskTable) -> list[str]:
    """Metrics that anybody has: the card's order, each followed by its variants."""
    there = {name for row in table.rows for name in row.numbers}
    order = [metric.name for metric in table.card.metrics]
    known = {
        name: order.index(base) if (base := name.partition("@")[0]) in order else len(order) for name in there
    }
    return sorted(there, key=lambda name: (known[name], name))


def _metric_column(table: TaskTable, name: str, marks: Marks) -> Column:
    card = table.card
    interval = name.partition("@")[0] == card.primary

    def cell(row: Row) -> str:
        number = row.numbers.get(name)
        if number is None:
            return NOTHING
        text = with_interval(card, name, number) if interval else points(card, name, number.value)
        return text + marks.of_number(number, row)

    return Column(metric_title(card, name), cell, numeric=True)


def _measured(describe: Callable[[Provenance], str]) -> Callable[[Row], str]:
    return lambda row: describe(row.provenance) if row.provenance else ""


def _protocol(row: Row) -> str:
    if row.provenance is None:
        return row.protocol
    return f"{row.protocol} ({short(row.provenance.protocol_hash)}, {row.provenance.dtype})"


def _weights(provenance: Provenance) -> str:
    known = ":" in provenance.weights  # neither `random` nor `none`
    return f"{provenance.checkpoint} {short(provenance.weights)}" if known else provenance.checkpoint


def _coverage(provenance: Provenance) -> str:
    return f"{provenance.scored}/{provenance.listed}" + ("" if provenance.complete else " (incomplete)")


def _against(row: Row, table: TaskTable) -> str:
    if row.comparison is None:
        return ""
    if not row.comparison.matches:
        return "other: " + "; ".join(row.comparison.differing)
    if row.comparison.difference is None:
        return "same protocol values"
    card = table.card
    difference = row.comparison.difference * scale_of(card, card.primary)
    return f"{difference:+.{decimals_of(card, card.primary)}f} (same protocol values)"


def _source(row: Row) -> str:
    if row.provenance is None:
        return f"published ({row.source})"
    first, more = row.provenance.runs[0], len(row.provenance.runs) - 1
    return f"measured ({first}" + (f" and {more} more)" if more else ")")

"""The unified table: a row for each backbone, a column for each task's primary metric.

The rule, also printed under the table:

 - A row is a method of the paper, or a measured backbone with its weights; the two are never one row.
 - A cell is taken from the task's main block: the paper's main table, and measured rows of the preset `paper` as it
   is. A measured row of any other protocol, or on other data than the official split, stands in a row of its own,
   named after them.
 - Where several rows of the block are one backbone's (resolutions, protocols in the paper's words, number types),
   a complete one goes before an incomplete one, then the best value is taken; its setting stands beside it.
 - The mean is given only where every task has a value and all have one unit.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toto_bench.cards import TaskCard
from toto_bench.leaderboard.cost import TasksCost, cost_of_tasks
from toto_bench.leaderboard.metrics import ranking
from toto_bench.leaderboard.rows import Number, Row, short
from toto_bench.leaderboard.table import PAPER, TaskTable

RULE = (
    "A cell is the best complete result of that backbone in the paper's main table, or measured with the preset "
    "`paper` as it is; where there was a choice, the setting stands beside it. A measured result of any other "
    "protocol, or on other data than the official split, has a row of its own. Means need every task and one unit."
)


@dataclass(frozen=True)
class UnifiedCell:
    """The primary metric of one task."""

    number: Number
    """Value and interval."""
    row: Row
    """The row it was taken from."""
    choice: str = ""
    """Its setting, where several rows could have been taken."""


@dataclass(frozen=True)
class UnifiedRow:
    """One backbone, or one method of a paper."""

    name: str
    """Backbone or method."""
    measured: bool
    """From records, or published."""
    floor: bool
    """A reference without learning: stands apart."""
    cells: dict[str, UnifiedCell]
    """By task; tasks without a value are absent."""
    mean: float | None
    """Mean of the values, only where it is defined."""

    @property
    def cost(self) -> TasksCost:
        """What the rows behind the cells cost together."""
        return cost_of_tasks(cell.row for cell in self.cells.values())


@dataclass(frozen=True)
class Unified:
    """The unified table."""

    cards: tuple[TaskCard, ...]
    """The columns."""
    rows: tuple[UnifiedRow, ...]
    """Backbones with most tasks first, their published row before the measured ones; floors last."""


def unified(tables: Sequence[TaskTable], cards: Sequence[TaskCard]) -> Unified:
    """Make the unified table from the tables of the tasks, samples left out."""
    found: dict[tuple[str, bool, bool], dict[str, list[Row]]] = {}
    labels = _weight_labels(tables)
    for table in tables:
        for name, row in _entries(table, labels):
            found.setdefault((name, row.provenance is not None, row.floor), {}).setdefault(
                table.card.name, []
            ).append(row)
    by_name = {card.name: card for card in cards}
    rows = []
    for (name, measured, floor), tasks in found.items():
        cells = {task: _choose(options, by_name[task]) for task, options in tasks.items()}
        rows.append(UnifiedRow(name, measured, floor, cells, _mean(cells, cards)))
    return Unified(tuple(cards), tuple(_sorted(rows)))


def _entries(table: TaskTable, labels: dict[tuple[str, str], str]) -> Iterable[tuple[str, Row]]:
    """Name in the unified table, and row; published rows outside the main block are left out."""
    for block in table.blocks:
        for row in block.rows:
            primary = row.numbers.get(table.card.primary)
            if primary is None or primary.value is None:
                continue
            if row.provenance is None:
                if block.main:
                    yield row.backbone or f"{row.method} {row.architecture}".strip(), row
                continue
            name = labels[row.backbone, row.provenance.weights]
            apart = [row.protocol] if row.protocol != PAPER else []
            apart += [] if row.provenance.comparable else [f"other data {short(row.provenance.fingerprint)}"]
            yield (f"{name} ({table.card.name}: {', '.join(apart)})" if apart else name), row


def _weight_labels(tables: Sequence[TaskTable]) -> dict[tuple[str, str], str]:
    """The name of each backbone with its weights; the weights are named where one backbone has several."""
    pairs = sorted(
        {(row.backbone, row.provenance.weights) for t in tables for row in t.rows if row.provenance}
    )
    counts = Counter(name for name, _ in pairs)
    return {
        (name, weights): name if counts[name] == 1 else f"{name} [{short(weights)}]"
        for name, weights in pairs
    }


def _choose(options: Sequence[Row], card: TaskCard) -> UnifiedCell:
    best = min(options, key=lambda row: (not row.complete, ranking(row, card)))
    choice = (best.setting or best.protocol) if len(options) > 1 else ""
    return UnifiedCell(best.numbers[card.primary], best, choice)


def _mean(cells: dict[str, UnifiedCell], cards: Sequence[TaskCard]) -> float | None:
    units = {card.metric(card.primary).unit for card in cards}
    values = [
        cell.number.value for cell in cells.values() if cell.number.value is not None and cell.row.complete
    ]
    if len(units) != 1 or len(values) < len(cards):
        return None
    return sum(values) / len(values)


def _sorted(rows: Sequence[UnifiedRow]) -> list[UnifiedRow]:
    most: dict[str, int] = {}
    for row in rows:
        most[_stem(row)] = max(most.get(_stem(row), 0), len(row.cells))
    return sorted(rows, key=lambda row: (row.floor, -most[_stem(row)], _stem(row), row.measured, row.name))


def _stem(row: UnifiedRow) -> str:
    """The backbone, so that its rows stand together."""
    return next(iter(row.cells.values())).row.backbone or row.name

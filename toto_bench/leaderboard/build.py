"""From folders of runs to all tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toto_bench.cards import TaskCard, find_task, task_cards
from toto_bench.leaderboard.measured import measured_rows
from toto_bench.leaderboard.protocols import stated_names
from toto_bench.leaderboard.published import published_rows
from toto_bench.leaderboard.rows import Row
from toto_bench.leaderboard.scan import scan
from toto_bench.leaderboard.table import TaskTable, task_table
from toto_bench.leaderboard.unified import Unified, unified
from toto_bench.results.record import SAMPLE


@dataclass(frozen=True)
class Leaderboard:
    """All tables, and what was left out of them."""

    tables: tuple[TaskTable, ...]
    """One per task that has rows; the task asked for in any case."""
    samples: tuple[TaskTable, ...]
    """The same for the bundled sample: measured rows only."""
    unified: Unified | None
    """None where one task was asked for."""
    records: int
    """Records that entered a table."""
    limited: int
    """Records with `--limit`, which never enter."""
    warnings: tuple[str, ...]
    """What could not be read, by name."""

    @property
    def measured(self) -> tuple[Row, ...]:
        """Rows from records, samples too."""
        return tuple(row for table in (*self.tables, *self.samples) for row in table.measured)


def build(runs: Sequence[Path], task: str | None = None) -> Leaderboard:
    """Read published rows and the records under the folders.

    Args:
        runs: folders of runs; one that does not exist holds none.
        task: only this task.

    Raises:
        UnknownNameError: there is no such task.
    """
    cards = {task: find_task(task)} if task else task_cards()
    published = published_rows(cards)
    found = scan(runs, cards, task_cards())
    by_task = {name: [row for row in published if row.task == name] for name in cards}
    stated = {name: stated_names(by_task[name], card) for name, card in cards.items()}
    measured = measured_rows(found.records, cards, stated)
    real, sample = _divide(measured, cards)
    tables = [
        task_table(card, by_task[name], real[name], limited=found.limited_in(name))
        for name, card in cards.items()
        if task or by_task[name] or real[name]
    ]
    return Leaderboard(
        tuple(tables),
        tuple(task_table(cards[name], (), rows, sample=True) for name, rows in sample.items() if rows),
        None if task else unified(tables, list(cards.values())),
        len(found.records),
        sum(found.limited.values()),
        found.warnings,
    )


def _divide(
    rows: Sequence[Row], cards: dict[str, TaskCard]
) -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
    """Rows by task: on its data, and on the bundled sample."""
    real: dict[str, list[Row]] = {name: [] for name in cards}
    sample: dict[str, list[Row]] = {name: [] for name in cards}
    for row in rows:
        on_sample = row.provenance is not None and row.provenance.data == SAMPLE
        (sample if on_sample else real)[row.task].append(row)
    return real, sample

"""The unified table in Markdown."""

from collections.abc import Callable, Sequence

from toto_bench.cards import TaskCard
from toto_bench.leaderboard.cost import TasksCost, duration, gigabytes
from toto_bench.leaderboard.markdown_table import table_lines
from toto_bench.leaderboard.marks import BEST_ON_VAL_MARK, SEEN_MARK, TRAINING_SEEN_MARK, UNKNOWN_MARK
from toto_bench.leaderboard.metrics import NOTHING, points
from toto_bench.leaderboard.table import FLOORS
from toto_bench.leaderboard.unified import RULE, Unified, UnifiedCell, UnifiedRow

COST = "Cost: of the rows behind the cells; times added up over the tasks, of memory the largest."
NAMES = (
    f"{SEEN_MARK}, {TRAINING_SEEN_MARK} and {UNKNOWN_MARK} (what weights have seen, as far as is known) stand in the "
    "tables of the tasks: they depend on the task."
)
_COST_CELLS: dict[str, Callable[[TasksCost], str]] = {
    "Params (M)": lambda cost: cost.parameters_m,
    "Training": lambda cost: duration(cost.training_seconds),
    "Total time": lambda cost: duration(cost.seconds),
    "Peak memory (GB)": lambda cost: gigabytes(cost.peak_memory_mb),
}


def unified_lines(table: Unified, *, cost: bool = False) -> list[str]:
    """The table, its floors in a block of their own, and the rule that cells are chosen by; on request the cost."""
    tasks = [f"{card.name} {card.metric(card.primary).title}" for card in table.cards]
    costs = _cost_headings(table) if cost else []
    headings = ["Backbone", "Kind", *tasks, "Tasks", "Mean", *costs]
    numeric = [heading not in ("Backbone", "Kind") for heading in headings]
    ranked = [_row(row, table, costs) for row in table.rows if not row.floor]
    floors = [_row(row, table, costs) for row in table.rows if row.floor]
    lines = table_lines(headings, ranked, numeric)
    if floors:
        lines += ["", f"### {FLOORS}", "", *table_lines(headings, floors, numeric)]
    lines += ["", f" - {RULE}", f" - {NAMES}", *([f" - {COST}"] if cost else [])]
    if any(cell.number.best_on_val for row in table.rows for cell in row.cells.values()):
        lines.append(f" - {BEST_ON_VAL_MARK} layer chosen on the evaluation data (best on val).")
    return lines


def _cost_headings(table: Unified) -> list[str]:
    """Columns of cost that any row fills."""
    costs = [row.cost for row in table.rows]
    return [heading for heading, cell in _COST_CELLS.items() if any(map(cell, costs))]


def _row(row: UnifiedRow, table: Unified, costs: Sequence[str]) -> list[str]:
    cells = [_cell(row.cells.get(card.name), card) for card in table.cards]
    mean = points(table.cards[0], table.cards[0].primary, row.mean)
    kind = "measured" if row.measured else "published"
    spent = [_COST_CELLS[heading](row.cost) for heading in costs]
    return [row.name, kind, *cells, f"{len(row.cells)}/{len(table.cards)}", mean, *spent]


def _cell(cell: UnifiedCell | None, card: TaskCard) -> str:
    if cell is None:
        return NOTHING
    text = points(card, card.primary, cell.number.value)
    if cell.number.best_on_val:
        text += BEST_ON_VAL_MARK
    if not cell.row.complete and cell.row.provenance:
        text += f" ({cell.row.provenance.scored}/{cell.row.provenance.listed} scored)"
    return text + (f" ({cell.choice})" if cell.choice else "")

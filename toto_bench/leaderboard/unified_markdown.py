"""The unified table in Markdown."""

from toto_bench.cards import TaskCard
from toto_bench.leaderboard.markdown_table import table_lines
from toto_bench.leaderboard.marks import BEST_ON_VAL_MARK
from toto_bench.leaderboard.metrics import NOTHING, points
from toto_bench.leaderboard.table import FLOORS
from toto_bench.leaderboard.unified import RULE, Unified, UnifiedCell, UnifiedRow


def unified_lines(table: Unified) -> list[str]:
    """The table, its floors in a block of their own, and the rule that cells are chosen by."""
    tasks = [f"{card.name} {card.metric(card.primary).title}" for card in table.cards]
    headings = ["Backbone", "Kind", *tasks, "Tasks", "Mean"]
    numeric = [heading not in ("Backbone", "Kind") for heading in headings]
    ranked = [_row(row, table) for row in table.rows if not row.floor]
    floors = [_row(row, table) for row in table.rows if row.floor]
    lines = table_lines(headings, ranked, numeric)
    if floors:
        lines += ["", f"### {FLOORS}", "", *table_lines(headings, floors, numeric)]
    lines += ["", f" - {RULE}"]
    if any(cell.number.best_on_val for row in table.rows for cell in row.cells.values()):
        lines.append(f" - {BEST_ON_VAL_MARK} layer chosen on the evaluation data (best on val).")
    return lines


def _row(row: UnifiedRow, table: Unified) -> list[str]:
    cells = [_cell(row.cells.get(card.name), card) for card in table.cards]
    mean = points(table.cards[0], table.cards[0].primary, row.mean)
    kind = "measured" if row.measured else "published"
    return [row.name, kind, *cells, f"{len(row.cells)}/{len(table.cards)}", mean]


def _cell(cell: UnifiedCell | None, card: TaskCard) -> str:
    if cell is None:
        return NOTHING
    text = points(card, card.primary, cell.number.value)
    if cell.number.best_on_val:
        text += BEST_ON_VAL_MARK
    if not cell.row.complete and cell.row.provenance:
        text += f" ({cell.row.provenance.scored}/{cell.row.provenance.listed} scored)"
    return text + (f" ({cell.choice})" if cell.choice else "")

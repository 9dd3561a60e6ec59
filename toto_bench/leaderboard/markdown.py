"""Markdown: a section for each task, a table for each block, the unified table last."""

from collections.abc import Sequence

from toto_bench.leaderboard.build import Leaderboard
from toto_bench.leaderboard.columns import columns_of, hidden_metrics
from toto_bench.leaderboard.cost_columns import COST
from toto_bench.leaderboard.markdown_table import escape, table_lines
from toto_bench.leaderboard.marks import BEST_ON_VAL_MARK, Marks
from toto_bench.leaderboard.metrics import metric_title
from toto_bench.leaderboard.table import TaskTable
from toto_bench.leaderboard.unified_markdown import unified_lines

HOW_TO_ADD = (
    "No measured rows yet. `toto-bench run --task TASK --backbone NAME` makes a run, and this command adds it "
    "(runs lie in `./runs`; `--runs DIR` looks elsewhere)."
)


def to_markdown(board: Leaderboard, *, cost: bool = False) -> str:
    """Every table, points with one decimal, and under each what its marks mean; on request with columns of cost."""
    parts = [_section(table, cost=cost) for table in (*board.tables, *board.samples)]
    if board.unified is not None:
        parts.append(["## All tasks", "", *unified_lines(board.unified, cost=cost)])
    if not board.measured:
        parts.append([HOW_TO_ADD])
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _section(table: TaskTable, *, cost: bool) -> list[str]:
    title = f"## {table.card.title}" + (" on the bundled sample" if table.sample else "")
    lines = [
        title,
        "",
        *(["For trying things out: these numbers say nothing about the benchmark."] * table.sample),
    ]
    marks = Marks(table)
    columns = columns_of(table, marks, cost=cost)
    headings, numeric = [column.heading for column in columns], [column.numeric for column in columns]
    for block in table.blocks:
        cells = [[column.cell(row) for column in columns] for row in block.rows]
        lines += ["", f"### {block.title}", "", *table_lines(headings, cells, numeric)]
    if not table.blocks:
        lines += [
            "",
            f"No rows of `{table.card.name}` yet: nothing is published as numbers, nothing is measured.",
        ]
    remarks = [*_remarks(table, marks), *([f" - {COST}"] if cost else [])]
    return _without_double_blanks([*lines, "", *remarks])


def _remarks(table: TaskTable, marks: Marks) -> list[str]:
    """What stands under a table."""
    lines = [f"[{number}] {note}" for note, number in marks.notes.items()]
    if marks.any_best_on_val:
        lines.append(
            f"{BEST_ON_VAL_MARK} layer chosen on the evaluation data (best on val), as the paper does; columns "
            "`(held-out)` choose it elsewhere."
        )
    lines += marks.seen()
    if any(row.provenance and len(row.provenance.seeds) > 1 for row in table.rows):
        lines.append("Several seeds: mean, and Student's 95 % interval over seeds where they differ.")
    if hidden := hidden_metrics(table):
        lines.append("Also in the CSV: " + ", ".join(metric_title(table.card, name) for name in hidden) + ".")
    if table.limited:
        count = "1 run" if table.limited == 1 else f"{table.limited} runs"
        lines.append(f"{count} with `--limit` left out: limited runs enter no leaderboard.")
    return [f" - {escape(line)}" for line in lines]


def _without_double_blanks(lines: Sequence[str]) -> list[str]:
    kept = [line for index, line in enumerate(lines) if line or index == 0 or lines[index - 1]]
    while kept and not kept[-1]:
        kept.pop()
    return kept

"""`toto-bench leaderboard`: published and measured numbers in one table."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from toto_bench.leaderboard import Leaderboard

DEFAULT_RUNS = Path("runs")


@click.command("leaderboard")
@click.option("--task", metavar="NAME", help="Only this task.")
@click.option(
    "--format",
    "style",
    type=click.Choice(("markdown", "csv")),
    default="markdown",
    show_default=True,
    help="On stdout.",
)
@click.option(
    "--cost",
    is_flag=True,
    help="Also parameters, MACs, items per second, memory and time; files stay as they are.",
)
@click.option(
    "--curves", is_flag=True, help="Also write learning curves over seeds below --out: CSV, and PNG."
)
@click.option("--unified", "only_unified", is_flag=True, help="Only the table over all tasks.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("leaderboards/measured"),
    show_default=True,
    help="Where the measured tables are written as CSV, when there are any.",
)
@click.option(
    "--runs",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of runs; may be given several times. Default: ./runs",
)
def command(
    task: str | None,
    style: str,
    cost: bool,
    curves: bool,
    only_unified: bool,
    out: Path,
    runs: tuple[Path, ...],
) -> None:
    """Show the leaderboard, and write the measured tables.

    Published rows come from the papers, measured ones from the records of finished runs. Rows that differ only in
    seed become one row; rows of different protocols stand in different blocks. Runs with --limit never enter.
    """
    from toto_bench.leaderboard import build, write_measured

    board = build(runs or (DEFAULT_RUNS,), task)
    for warning in board.warnings:
        click.echo(f"Warning: {warning}", err=True)
    if only_unified and board.unified is None:
        raise click.UsageError("`--unified` is the table over all tasks: leave `--task` out.")
    click.echo(_render(board, style, cost=cost, only_unified=only_unified), nl=False)
    if board.limited:
        click.echo(f"{board.limited} limited run(s) left out (`--limit`).", err=True)
    for path in write_measured(board, out):
        click.echo(f"Measured table in {path}", err=True)
    if curves:
        _write_curves(runs or (DEFAULT_RUNS,), task, out)


def _write_curves(runs: tuple[Path, ...], task: str | None, out: Path) -> None:
    from toto_bench.cards import task_cards
    from toto_bench.leaderboard.curve_files import write_curves
    from toto_bench.leaderboard.curves import learning_curves

    cards = task_cards()
    found = learning_curves(runs, cards, [task] if task else list(cards))
    if not found:
        click.echo("No run has a learning curve.", err=True)
    for path in write_curves(found, cards, out):
        click.echo(f"Learning curves in {path}", err=True)


def _render(board: "Leaderboard", style: str, *, cost: bool, only_unified: bool) -> str:
    from toto_bench.leaderboard import to_csv, to_markdown, unified_csv
    from toto_bench.leaderboard.unified_markdown import unified_lines

    if only_unified and board.unified is not None:
        if style == "csv":
            return unified_csv(board.unified, cost=cost)
        return "\n".join(unified_lines(board.unified, cost=cost)) + "\n"
    return to_csv(board, cost=cost) if style == "csv" else to_markdown(board, cost=cost)

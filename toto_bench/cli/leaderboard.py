"""`toto-bench leaderboard`: published and measured numbers in one table."""

from pathlib import Path

import click

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
def command(task: str | None, style: str, out: Path, runs: tuple[Path, ...]) -> None:
    """Show the leaderboard, and write the measured tables.

    Published rows come from the papers, measured ones from the records of finished runs. Rows that differ only in
    seed become one row; rows of different protocols stand in different blocks. Runs with --limit never enter.
    """
    from toto_bench.leaderboard import build, to_csv, to_markdown, write_measured

    board = build(runs or (DEFAULT_RUNS,), task)
    for warning in board.warnings:
        click.echo(f"Warning: {warning}", err=True)
    click.echo(to_csv(board) if style == "csv" else to_markdown(board), nl=False)
    if board.limited:
        click.echo(f"{board.limited} limited run(s) left out (`--limit`).", err=True)
    for path in write_measured(board, out):
        click.echo(f"Measured table in {path}", err=True)

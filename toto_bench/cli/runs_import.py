"""`toto-bench runs import`."""

from pathlib import Path

import click

from toto_bench.cli.runs_find import runs_option
from toto_bench.results.transfer import Imported, import_runs


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@runs_option
def command(file: Path, runs: Path) -> None:
    """Put the runs of FILE, written by `runs export`, beside those of a folder; all are checked first.

    \b
    toto-bench runs import pixels.tar.gz --runs others
    """
    for run in import_runs(file, runs):
        click.echo(f"{run.path}{_done(run)}")


def _done(run: Imported) -> str:
    if run.added:
        return f": is there already; files added that had been left out: {run.added}"
    return ": is there already, skipped" if run.present else ""

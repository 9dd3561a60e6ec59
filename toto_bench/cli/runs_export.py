"""`toto-bench runs export`."""

from pathlib import Path

import click

from toto_bench.cli.runs_find import find_runs, runs_option
from toto_bench.errors import RequestError
from toto_bench.results.transfer import export_runs


@click.command("export")
@click.argument("names", metavar="[RUN]...", nargs=-1)
@runs_option
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE.tar.gz",
    help="The archive to write.",
)
@click.option("--light", is_flag=True, help="Without predictions and overlay videos.")
@click.option("--force", is_flag=True, help="Replace FILE.")
def command(names: tuple[str, ...], runs: Path, to: Path, light: bool, force: bool) -> None:
    """Write finished runs into one archive, for another machine; default: all of them.

    \b
    toto-bench runs export davis-pixels --to pixels.tar.gz
    """
    folders = find_runs(names, runs)
    if not folders:
        raise RequestError(f"There are no finished runs in {runs}: nothing to export.")
    manifest = export_runs(folders, to, light=light, force=force)
    for name, run in manifest.runs.items():
        size = sum(file.bytes for file in run.files.values()) / 1e6
        left = f", {len(run.left_out)} left out" if run.left_out else ""
        click.echo(f"{name}: {len(run.files)} files, {size:.1f} MB{left}")
    click.echo(f"Archive {to}, {to.stat().st_size / 1e6:.1f} MB")

"""`toto-bench data show`."""

from pathlib import Path

import click


@click.command("show")
@click.argument("data", metavar="sample|PATH")
@click.option("--task", help="Whose data set it is; default: what its layout says.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("contact-sheets"),
    show_default=True,
    help="Folder for the pictures.",
)
def command(data: str, task: str | None, out: Path) -> None:
    """Draw a contact sheet of a data set, or one for each data set in a folder: pictures with their labels.

    \b
    toto-bench data show sample
    """
    from toto_bench.results.record import SAMPLE
    from toto_bench.samples.show import show_data

    for path in show_data(None if data == SAMPLE else Path(data).expanduser(), task, out):
        click.echo(f"Wrote {path}")

"""`toto-bench new`: a task or a backbone of one's own, to start from."""

import shlex
from importlib.util import find_spec
from pathlib import Path

import click

from toto_bench.scaffold.names import Kind
from toto_bench.scaffold.write import write_new

NEXT = {
    "task": (
        "python -m pytest {folder}",
        "toto-bench show task {name} --plugin-dir {folder}",
        "toto-bench run --task {name} --backbone pixels --data sample --plugin-dir {folder}",
        "toto-bench leaderboard --task {name} --plugin-dir {folder}",
    ),
    "backbone": (
        "python -m pytest {folder}",
        "toto-bench show backbone {name} --plugin-dir {folder}",
        "toto-bench run --task davis --backbone {name} --random-init --data sample --plugin-dir {folder}",
        "toto-bench leaderboard --task davis --plugin-dir {folder}",
    ),
}
"""Commands that work at once."""


@click.command("new")
@click.argument("kind", type=click.Choice(("task", "backbone")))
@click.argument("name")
@click.option(
    "--plugin-dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("my_plugins"),
    show_default=True,
    help="Folder of plug-ins; made where it does not exist.",
)
def command(kind: Kind, name: str, folder: Path) -> None:
    """Write a card, working code and a passing test for a task or a backbone of your own.

    \b
    toto-bench new task count-shapes
    toto-bench new backbone tiny-eyes --plugin-dir my_plugins
    """
    for path in write_new(kind, name, folder):
        click.echo(f"Wrote {path}")
    click.echo("\nEach of these works now; then change what is marked CHANGE:")
    for line in NEXT[kind]:
        click.echo("  " + line.format(name=name, folder=shlex.quote(str(folder))))
    if find_spec("pytest") is None:
        click.echo("\nThe first needs pytest, which is not installed here: `pip install pytest`.")

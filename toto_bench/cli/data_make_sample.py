"""`toto-bench data make-sample`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toto_bench.cli.options import json_option
from toto_bench.samples.recipes import RECIPES

if TYPE_CHECKING:
    from toto_bench.samples.make import Outcome


@click.command("make-sample")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder; DIR/TASK becomes the root of a task's data set.",
)
@click.option(
    "--tasks",
    metavar="NAME,...",
    help=f"What to make; default everything: {', '.join(RECIPES)} (clips without labels).",
)
@click.option(
    "--scale",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="1 makes the bundled sample again, N about N times as much.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="The same one gives the same labels.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes; default one for each processor.")
@click.option(
    "--backend",
    type=click.Choice(("auto", "egl", "osmesa", "ray")),
    default="auto",
    show_default=True,
    help="What renders: `auto` takes the first of the others that works.",
)
@json_option
def command(
    out: Path, tasks: str | None, scale: int, seed: int, workers: int | None, backend: str, as_json: bool
) -> None:
    """Simulate and render small data sets, each in the official layout of its task.

    Stopped or killed, the same command goes on where it was. `manifest.json` in DIR holds what made the files and the
    digest of each.

    \b
    toto-bench data make-sample --out world --tasks davis,cater --scale 10
    """
    from toto_bench.cli.output import echo_json
    from toto_bench.cli.progress import TerminalProgress
    from toto_bench.errors import RequestError
    from toto_bench.samples.make import make_sample
    from toto_bench.samples.recipe import Making

    names = [name.strip() for name in tasks.split(",") if name.strip()] if tasks is not None else []
    if tasks is not None and not names:
        raise RequestError("`--tasks` names nothing: name samples, or leave it out to make all of them.")
    if out == Path():
        raise RequestError("`--out` is empty, or the current folder: name a folder for the samples.")
    making = Making(seed, scale, backend)
    outcome = make_sample(out, names, making, workers=workers, progress=TerminalProgress())
    if as_json:
        echo_json([_document(out, outcome)], single=True)
    else:
        _echo(out, outcome)


def _echo(out: Path, outcome: "Outcome") -> None:
    from toto_bench.cli.runs_text import table_lines
    from toto_bench.samples.manifest import NAME

    rows = [["sample", "units", "files", "MB", "CPU s", "folder"]]
    for name, made in outcome.made.items():
        files = outcome.manifest.tasks[name]
        seconds = "made before" if made.cpu_seconds is None else f"{made.cpu_seconds:.1f}"
        units = "" if made.cpu_seconds is None else str(made.units + made.kept)
        rows.append(
            [name, units, f"{len(files.files):,}", f"{files.bytes / 1e6:.1f}", seconds, str(out / name)]
        )
    click.echo("\n".join(table_lines(rows)))
    manifest = outcome.manifest
    click.echo(
        f"Manifest {out / NAME}: seed {manifest.seed}, scale {manifest.scale}, rendered with {manifest.backend}"
    )


def _document(out: Path, outcome: "Outcome") -> dict[str, Any]:
    """What the manifest says of the tasks asked for, in short, and what was done."""
    head = outcome.manifest.model_dump(exclude={"tasks"})
    tasks = {
        name: {
            "path": str(out / name),
            "made": made.units,
            "kept": made.kept,
            "cpu_seconds": made.cpu_seconds,
            "files": len(outcome.manifest.tasks[name].files),
            "bytes": outcome.manifest.tasks[name].bytes,
            "labels": outcome.manifest.tasks[name].labels,
        }
        for name, made in outcome.made.items()
    }
    return {**head, "tasks": tasks}

"""`toto-bench run`: tasks x backbones x presets x seeds."""

import shlex
import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.cli.options import (
    PRESET_HELP,
    allow_missing_option,
    data_option,
    json_option,
    settings_option,
)
from toto_bench.errors import TotoBenchError

if TYPE_CHECKING:
    from toto_bench.runner.request import RunRequest


@click.command("run")
@click.option("--task", "tasks", multiple=True, required=True, metavar="TASK", help="Task; may be repeated.")
@click.option(
    "--backbone",
    "backbones",
    multiple=True,
    required=True,
    metavar="NAME",
    help="Card or timm:MODEL; may be repeated.",
)
@data_option
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), help="File of weights; for `hf:` names a folder too."
)
@click.option(
    "--download", is_flag=True, help="Fetch weights that are not on this machine; says their licence first."
)
@click.option("--random-init", is_flag=True, help="Untrained weights: a floor, for plumbing and speed.")
@settings_option
@click.option("--preset", "presets", multiple=True, help=f"{PRESET_HELP} May be repeated.")
@click.option("--layer", metavar="all|last|N", help="Layer to read; short for --set layer=...")
@click.option(
    "--seed",
    "seeds",
    type=click.IntRange(0, 2**32 - 1),
    multiple=True,
    default=(0,),
    show_default=True,
    help="May be repeated.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), help="Only the first N items; never enters a leaderboard."
)
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, cuda:N or mps.")
@click.option(
    "--dtype",
    type=click.Choice(["auto", "float32", "bfloat16", "float16"]),
    default="auto",
    show_default=True,
    help="Of the backbone; auto = float32, Toto on a GPU bfloat16.",
)
@click.option(
    "--batch-size", type=click.IntRange(min=1), default=1, show_default=True, help="Frames per forward pass."
)
@click.option(
    "--workers", type=click.IntRange(min=0), default=1, show_default=True, help="Threads that decode ahead."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("runs"), show_default=True
)
@click.option(
    "--cache-features", is_flag=True, help="Keep tokens on disk, for other protocols on the same frames."
)
@allow_missing_option
@click.option("--again", is_flag=True, help="Repeat a finished run.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    /,
    tasks: tuple[str, ...],
    backbones: tuple[str, ...],
    presets: tuple[str, ...],
    seeds: tuple[int, ...],
    settings: tuple[str, ...],
    layer: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Evaluate backbones on tasks; every run leaves a record, and a killed one goes on where it was.

    \b
    toto-bench run --task davis --backbone pixels --data sample
    toto-bench run --task davis --backbone dino-s16 --data DAVIS --preset dino
    """
    from toto_bench.runner.request import RunRequest
    from toto_bench.runner.tasks import parse_settings

    values = parse_settings(settings)
    requests = [
        RunRequest(
            task=task,
            backbone=backbone,
            preset=preset,
            seed=seed,
            values=values | _layer_value(task, layer),
            command=_command_line(),
            **options,
        )
        for task, backbone, preset, seed in product(tasks, backbones, presets or (None,), seeds)
    ]
    from toto_bench.training.ranks import leave_ranks

    try:
        _run_all(requests, as_json=as_json, debug=bool(context.obj and context.obj["debug"]))
    finally:
        leave_ranks()


def _layer_value(task: str, layer: str | None) -> dict[str, Any]:
    """What `--layer` sets: tasks with a probe on each layer call it `layers`."""
    from toto_bench.cards import find_task

    if layer is None:
        return {}
    name = "layers" if "layers" in find_task(task).protocol else "layer"
    return {name: int(layer) if layer.lstrip("-").isdigit() else layer}


def _run_all(requests: list["RunRequest"], *, as_json: bool, debug: bool) -> None:
    """Run one after the other, once all names, data and weights are there; a failed one does not stop the rest."""
    from toto_bench.cli.output import echo_json, echo_result, result_json
    from toto_bench.cli.progress import TerminalProgress
    from toto_bench.runner.execute import run
    from toto_bench.runner.ranks import join_processes

    _expect_inputs(requests)
    rank, world_size = join_processes()
    results, worst = [], 0
    for request in requests:
        if len(requests) > 1 and rank == 0:
            preset = f", preset {request.preset}" if request.preset else ""
            click.echo(f"== {request.task}, {request.backbone}{preset}, seed {request.seed}", err=True)
        progress = TerminalProgress()
        try:
            result = run(request, progress)
        except TotoBenchError as error:
            if len(requests) == 1 or world_size > 1 or debug:
                raise  # processes of one group must not go on with different requests
            click.echo(f"Error: {error}", err=True)
            worst = max(worst, error.exit_code, key=(0, 2, 1).index)
            continue
        finally:
            progress.stop()
        results.append(result)
        if not as_json and rank == 0:
            echo_result(result)
    if as_json and rank == 0:
        echo_json([result_json(result) for result in results], single=len(requests) == 1)
    if worst:
        raise click.exceptions.Exit(worst)


def _expect_inputs(requests: list["RunRequest"]) -> None:
    """Refuse wrong names, missing data and missing weights before the first run: it may take hours.

    Raises:
        RequestError: one error names all that is missing.
    """
    from toto_bench.errors import RequestError
    from toto_bench.runner.plan import check_request, find_inputs

    checked = [check_request(request) for request in requests]
    missing: dict[str, None] = {}
    for request, found in zip(requests, checked, strict=True):
        try:
            find_inputs(request, found.task)
        except (RequestError, MissingWeightsError) as error:
            missing[str(error)] = None
    if missing:
        raise RequestError("\n\n".join(missing))


def _command_line() -> str:
    return shlex.join(["toto-bench", *sys.argv[1:]])

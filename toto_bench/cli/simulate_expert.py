"""`toto-bench simulate expert`."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from toto_bench.cli.options import json_option
from toto_bench.errors import RequestError

if TYPE_CHECKING:
    from toto_bench.robots.experts import ExpertReport
    from toto_bench.robots.rollout_video import EpisodeVideos

_TOGETHER = 25
"""Environments; results do not depend on it."""
_PERCENTS = (5, 50, 95)
_SIDE = 448
"""Of the film, in pixels."""


@click.command("expert")
@click.argument("task")
@click.option("--episodes", type=click.IntRange(min=1), default=100, show_default=True)
@click.option(
    "--noise",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Standard deviation of normal noise on each action in [-1, 1].",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the first episode."
)
@click.option("--assets", help="Robot models: `primitive` or `menagerie`; default: what the card says.")
@click.option(
    "--video", type=click.Path(path_type=Path, dir_okay=False), help="Film the first episode: an .mp4 file."
)
@json_option
def command(
    task: str,
    episodes: int,
    noise: float,
    seed: int,
    assets: str | None,
    video: Path | None,
    as_json: bool,
) -> None:
    """How often the scripted expert of TASK succeeds, from PixMC's starts and with its early ends.

    \b
    toto-bench simulate expert franka-pick
    toto-bench simulate expert kuka-cabinet --noise 0.2 --video expert.mp4
    """
    if video is not None and video.suffix != ".mp4":
        raise RequestError(f"`--video {video}`: films are written as .mp4, so give the file that ending.")
    from toto_bench.cli.output import echo_json
    from toto_bench.cli.progress import TerminalProgress
    from toto_bench.robots.experts import run_expert, scripted_expert
    from toto_bench.robots.tasks import make_task

    changes: dict[str, Any] = {} if assets is None else {"assets": assets}
    simulation = make_task(task, min(episodes, _TOGETHER), **changes)
    with _film(video) as videos:
        report = run_expert(
            scripted_expert(simulation),
            simulation,
            episodes,
            noise=noise,
            seed=seed,
            videos=videos,
            progress=TerminalProgress(),
        )
    if as_json:
        echo_json([_document(report, seed, simulation.spec.assets)], single=True)
    else:
        _echo(report)
        if video is not None:
            click.echo(f"Film         {video}")


@contextmanager
def _film(path: Path | None) -> Iterator["EpisodeVideos | None"]:
    """Films the first episode, if a path is given."""
    if path is None:
        yield None
        return
    from toto_bench.files import replacing
    from toto_bench.robots.rollout_video import EpisodeVideos

    with (
        replacing(path) as temporary,
        TemporaryDirectory() as folder,
        EpisodeVideos(Path(folder), [0], size=_SIDE) as videos,
    ):
        yield videos
        shutil.copyfile(videos.written[0], temporary)


def _document(report: "ExpertReport", seed: int, assets: str) -> dict[str, Any]:
    return {
        "task": report.task,
        "assets": assets,
        "episodes": report.episodes,
        "noise": report.noise,
        "seed": seed,
        "successes": report.successes,
        "success": {"value": report.rate, "low": report.interval.low, "high": report.interval.high},
        "steps": {f"p{percent}": report.percentile(percent) for percent in _PERCENTS},
        "endings": {"success": report.successes, **report.endings},
        "failed": list(report.failed),
    }


def _echo(report: "ExpertReport") -> None:
    from toto_bench.cli.runs_text import table_lines

    low, high = (100 * end for end in report.interval)
    click.echo(f"{report.task}, action noise {report.noise:g}")
    click.echo(
        f"Success      {100 * report.rate:.1f} % of {report.episodes} episodes (95 %: {low:.1f} to {high:.1f})"
    )
    if report.steps:
        steps = ", ".join(f"{report.percentile(percent):.0f} ({percent} %)" for percent in _PERCENTS)
        click.echo(f"Steps        {steps}")
    endings = {"success": report.successes, **dict(sorted(report.endings.items()))}
    rows = [[f"  {ending}", str(count)] for ending, count in endings.items()]
    click.echo("\n".join(table_lines([["  ending", "episodes"], *rows])))
    if report.failed:
        click.echo(f"Failed       seeds {', '.join(map(str, report.failed))}")

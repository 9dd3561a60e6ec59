"""`toto-bench robot run`."""

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from toto_bench.cli.robot_options import (
    Terminal,
    labeller_option,
    loading_options,
    name_of,
    policy_option,
    start_option,
    station_options,
    trials_argument,
)

INTERRUPTED = 130


@click.command("run")
@trials_argument
@policy_option
@station_options
@loading_options
@click.option("--trained", multiple=True, metavar="NAME=FOLDER", help="Run that trained a remote policy.")
@click.option("--task", metavar="NAME", help="Card of the plan; default franka-cube-pick.")
@click.option("--count", type=click.IntRange(min=1), help="Start poses; default: as the card says.")
@click.option("--seed", type=click.IntRange(min=0), help="Of start poses and order; default 0.")
@click.option("--region", metavar="X0,X1,Y0,Y1", help="Where the object may lie, m from the arm's base.")
@click.option(
    "--aborted",
    type=click.Choice(["failure", "exclude"]),
    help="What aborted trials count as; default: the card's.",
)
@click.option("--seconds", type=click.FloatRange(min=1), help="Longest trial; default: as the card says.")
@start_option
@click.option("--photo-camera", metavar="NAME", help="Camera of the reference photos; default: the first.")
@labeller_option
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Replace a threshold of guard or loop, such as camera_age=0.3; it is kept with the trials.",
)
def command(trials: Path, policies: tuple[str, ...], **options: Any) -> None:
    """Try policies from the same start poses, in mixed order; the plan, the journal and the films lie in TRIALS.

    The same command goes on where it was. A real arm moves only after you have typed that the hardware emergency stop
    is in your hand. Ctrl-C stops the arm, a second one at once. Exit codes: 0 done or paused, 1 a fault, 2 a wrong
    request, 130 stopped by Ctrl-C.

    \b
    toto-bench robot run TRIALS --policy RUN_A --policy RUN_B --pace fast
    toto-bench robot run TRIALS --policy RUN_A --driver franky --host 172.16.0.2 --camera wrist=opencv:/dev/video0
    """
    from toto_bench.cli.robot_station import here, loading_of, region_of, start_of, station_of, workspace_of
    from toto_bench.deploy.session.folder import TrialsFolder
    from toto_bench.deploy.session.outcome import End
    from toto_bench.deploy.session.planning import PlanRequest
    from toto_bench.deploy.session.policies import find_policies
    from toto_bench.deploy.session.start import SessionRequest, run_session
    from toto_bench.deploy.session.thresholds import thresholds
    from toto_bench.runner.tasks import parse_settings

    if not policies:
        raise click.UsageError("`--policy` names who is tried; give it once for each.")
    found = find_policies(policies, options["trained"])
    loading = loading_of(options["device"], options["checkpoint"], options["token_file"])
    request = SessionRequest(
        folder=TrialsFolder(trials),
        policies=found,
        plan=PlanRequest(
            backbones=tuple(policy.name for policy in found),
            region=region_of(options["region"]),
            **{name: options[name] for name in ("task", "count", "seed", "aborted")},
        ),
        start=start_of(options["start"]),
        environment=here(loading.device),
        labeller=name_of(options["labeller"]),
        seconds=options["seconds"],
        workspace=workspace_of(options["box"]),
        thresholds=thresholds(parse_settings(options["settings"])),
        loading=loading,
        photo_camera=options["photo_camera"],
        command=shlex.join(["toto-bench", *sys.argv[1:]]),
    )
    outcome = run_session(request, station_of(found, **options), Terminal())
    click.echo(outcome.message or f"The session is {outcome.end}.")
    if outcome.end == End.FAULT:
        raise click.exceptions.Exit(1)
    if outcome.end == End.INTERRUPTED:
        raise click.exceptions.Exit(INTERRUPTED)
    click.echo(f"Next: toto-bench robot report {trials}")

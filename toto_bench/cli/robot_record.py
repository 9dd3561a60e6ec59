"""`toto-bench robot record`."""

from pathlib import Path
from typing import Any

import click

from toto_bench.cli.robot_options import Terminal, start_option, station_options


@click.command("record")
@click.argument("demos", type=click.Path(path_type=Path, file_okay=False))
@station_options
@click.option(
    "--by",
    type=click.Choice(["script", "hand"]),
    help="Who moves the arm: a script that knows the simulation, or a hand that guides it; default: the script for a "
    "simulated arm, a hand for a real one.",
)
@click.option(
    "--count", type=click.IntRange(min=1), default=240, show_default=True, help="Demonstrations in DEMOS."
)
@click.option(
    "--rate", type=click.FloatRange(1, 50), default=10.0, show_default=True, help="Steps per second."
)
@click.option("--seconds", type=click.FloatRange(min=1), default=60.0, show_default=True, help="Longest one.")
@click.option("--task", default="pick up the cube", show_default=True, help="What is done, in words.")
@click.option("--region", metavar="X0,X1,Y0,Y1", help="Where the object may lie, m from the arm's base.")
@start_option
@click.option(
    "--start-noise",
    type=click.FloatRange(0, 0.5),
    default=0.0,
    show_default=True,
    help="Of each joint at the start, plus or minus, rad.",
)
@click.option(
    "--noise",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Of the script's commands, as a share of the largest step; what it meant is recorded.",
)
@click.option(
    "--size", default="480x640", show_default=True, metavar="HxW", help="Pictures of simulated cameras."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of places and starts."
)
def command(demos: Path, by: str | None, count: int, size: str, **options: Any) -> None:
    """Record demonstrations into DEMOS, in LeRobot's layout v3, each kept or dropped; a set that is there goes on.

    A scripted demonstration is kept if the cube was picked up; of one by hand you are asked. A real arm moves only
    after you have typed that the hardware emergency stop is in your hand.

    \b
    toto-bench robot record DEMOS --pace fast --count 240
    toto-bench robot record DEMOS --driver franky --host 172.16.0.2 --camera wrist=opencv:/dev/video0
    """
    from toto_bench.cli.robot_station import region_of, size_of, start_of, station_of, workspace_of
    from toto_bench.deploy.guard import GuardSettings
    from toto_bench.deploy.session.attempt import Recording
    from toto_bench.deploy.session.record import record_at
    from toto_bench.deploy.trials import Region

    station = station_of(size=size_of(size), **options)
    guard = GuardSettings(
        rate_hz=options["rate"],
        cameras=tuple(station.cameras),
        limits=station.limits(),
        workspace=workspace_of(options["box"]),
        seconds=options["seconds"],
    )
    recording = Recording(
        count=count,
        start=start_of(options["start"]),
        guard=guard,
        task=options["task"],
        region=region_of(options["region"]) or Region(),
        start_noise=options["start_noise"],
        noise=options["noise"],
        seed=options["seed"],
    )
    by_hand = by == "hand" or (by is None and station.scene is None)
    recorded = record_at(station, demos, recording, Terminal(), by_hand=by_hand)
    click.echo(f"{recorded.kept} demonstrations in {demos}; {recorded.dropped} attempts were dropped.")

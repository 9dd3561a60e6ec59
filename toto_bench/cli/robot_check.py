"""`toto-bench robot check`."""

from pathlib import Path
from typing import Any

import click

from toto_bench.cli.robot_options import policy_option, station_options


@click.command("check")
@click.argument("trials", type=click.Path(path_type=Path, file_okay=False), default=Path("trials"))
@policy_option
@station_options
def command(trials: Path, policies: tuple[str, ...], box: str | None, **options: Any) -> None:
    """Look at everything that trials need, and move nothing: computer, disk of TRIALS, policies, robot, cameras.

    Exit code 1 where something stands against a run.

    \b
    toto-bench robot check --driver franky --host 172.16.0.2 --camera wrist=opencv:/dev/video0 --policy RUN
    """
    from toto_bench.cli.robot_station import station_of, workspace_of
    from toto_bench.deploy.session.look import look_around
    from toto_bench.deploy.session.policies import find_policies

    found = find_policies(policies)
    bad = 0
    for check in look_around(station_of(found, box=box, **options), found, trials, workspace_of(box)):
        click.echo(f"{'ok  ' if check.good else 'FAIL'} {check.name:<18} {check.words}")
        bad += not check.good
    if bad:
        click.echo(f"{bad} of these stand against a run.", err=True)
        raise click.exceptions.Exit(1)

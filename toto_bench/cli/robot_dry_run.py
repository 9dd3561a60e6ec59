"""`toto-bench robot dry-run`."""

from typing import Any

import click

from toto_bench.cli.robot_options import loading_options, policy_option, station_options

INTERRUPTED = 130


@click.command("dry-run")
@policy_option
@station_options
@loading_options
@click.option(
    "--seconds", type=click.FloatRange(min=0.5), default=5.0, show_default=True, help="For each policy."
)
def command(policies: tuple[str, ...], seconds: float, **options: Any) -> None:
    """Let policies look and decide without moving the arm: latencies, and how far they would have sent it.

    Exit code 1 where the guard, a camera or the policy would have ended a trial.

    \b
    toto-bench robot dry-run --policy RUN --driver franky --host 172.16.0.2 --camera wrist=opencv:/dev/video0
    """
    from toto_bench.cli.robot_station import loading_of, station_of, workspace_of
    from toto_bench.deploy.guard import GuardSettings
    from toto_bench.deploy.runner import RunnerSettings
    from toto_bench.deploy.session.competitor import Competitor, words_of
    from toto_bench.deploy.session.policies import find_policies, load

    if not policies:
        raise click.UsageError("`--policy` names who decides.")
    found, code = find_policies(policies), 0
    workspace = workspace_of(options["box"])
    loading = loading_of(options["device"], options["checkpoint"], options["token_file"])
    station = station_of(found, **options)
    with station.opened():
        for source in found:
            policy, facts = load(source, station, loading)
            guard = GuardSettings.for_policy(
                policy.spec, limits=station.limits(), workspace=workspace, seconds=2 * seconds
            )
            competitor = Competitor(source.name, policy, facts, station, guard, RunnerSettings())
            warm = competitor.warm_up()
            click.echo(
                f"{source.name}: {_milliseconds(warm.latency)}; {1000 * warm.budget:.0f} ms are allowed."
            )
            dry = competitor.dry_run(seconds)
            click.echo(f"{source.name}: {words_of(dry)}")
            click.echo(f"{source.name}: {_milliseconds(dry.ending.latency)}")
            if dry.ending.is_request:
                raise click.exceptions.Exit(INTERRUPTED)
            code = max(code, int(dry.ending.outcome != "completed"))
    if code:
        raise click.exceptions.Exit(code)


def _milliseconds(latency: dict[str, float]) -> str:
    return ", ".join(
        f"{name} {1000 * value:.1f} ms" if name[-1].isdigit() else f"{name} {value:g}"
        for name, value in latency.items()
    )

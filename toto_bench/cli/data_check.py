"""`toto-bench data check`."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from toto_bench.cli.options import data_option, json_option, protocol_options

if TYPE_CHECKING:
    from toto_bench.tasks.base import DataReport


@click.command("check")
@click.argument("task")
@data_option
@protocol_options
@json_option
def command(
    task: str, data: str | None, preset: str | None, settings: tuple[str, ...], as_json: bool
) -> None:
    """Read everything TASK would read: counts, problems, fingerprint. Exits with 1 if something is wrong."""
    from toto_bench.cli.output import echo_json
    from toto_bench.results.record import SAMPLE
    from toto_bench.runner.data import find_data
    from toto_bench.runner.tasks import build_protocol, load_task, parse_settings

    found = load_task(task)
    default = SAMPLE if data == SAMPLE and SAMPLE in found.card.presets else "paper"
    protocol = build_protocol(found, preset or default, parse_settings(settings))
    report = found.check(find_data(found, data), protocol, thorough=True)
    if as_json:
        echo_json([asdict(report) | {"path": str(report.path)}], single=True)
    else:
        _echo(report)
    if report.problems:
        raise click.exceptions.Exit(1)


def _echo(report: "DataReport") -> None:
    click.echo(f"{report.name} in {report.path}")
    click.echo(f"Layout       {report.layout}")
    for kind, count in report.counts.items():
        click.echo(f"{kind.capitalize():<12} {count:,}")
    click.echo(f"Fingerprint  {report.fingerprint}")
    for warning in report.warnings:
        click.echo(f"Note         {warning}")
    for item, problem in report.problems.items():
        click.echo(f"Problem      {item}: {problem}")
    good = len(report.listed) - len(report.problems)
    click.echo(f"Result       {good} of {len(report.listed)} listed items can be scored")

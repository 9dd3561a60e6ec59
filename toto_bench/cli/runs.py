"""`toto-bench runs`: what lies in a folder of runs."""

import click

from toto_bench.cli import runs_export, runs_import, runs_list, runs_show, runs_verify


@click.group("runs")
def command() -> None:
    """List, show and check runs, and take them to another machine."""


for part in (runs_list, runs_show, runs_verify, runs_export, runs_import):
    command.add_command(part.command)

"""`toto-bench data`: what lies in a data folder, and the sample world."""

import click

from toto_bench.cli import data_check, data_make_sample, data_show


@click.group("data")
def command() -> None:
    """Check and show data sets, and make samples of them."""


for part in (data_check, data_show, data_make_sample):
    command.add_command(part.command)

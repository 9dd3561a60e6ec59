"""`toto-bench simulate`: the simulated robots, without a backbone."""

import click

from toto_bench.cli import simulate_assets, simulate_expert


@click.group("simulate")
def command() -> None:
    """Try the simulated robots: how often the experts succeed, and which robot models are here."""


for part in (simulate_expert, simulate_assets):
    command.add_command(part.command)

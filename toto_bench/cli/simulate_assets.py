"""`toto-bench simulate assets`."""

from dataclasses import asdict

import click

from toto_bench.cli.options import json_option


@click.command("assets")
@click.option(
    "--prefetch", is_flag=True, help="Download MuJoCo Menagerie's models first, unless they are here."
)
@json_option
def command(prefetch: bool, as_json: bool) -> None:
    """Which robot models are here, and the version that enters the identity of results.

    The models `primitive` are built in. Those of `menagerie` come with `pip install toto-bench[robot-assets]` and are
    downloaded once; where MENAGERIE_ROOT names a copy of the repository, they are read from there.
    """
    from toto_bench.cli.output import echo_json
    from toto_bench.cli.runs_text import table_lines
    from toto_bench.robots.assets.available import available_assets, prefetch_assets

    if prefetch:
        prefetch_assets()
    found = available_assets()
    if as_json:
        echo_json([asdict(each) | {"here": each.here} for each in found], single=False)
        return
    rows = [[each.source, each.robot, each.version or "not here"] for each in found]
    click.echo("\n".join(table_lines([["models", "robot", "version"], *rows])))
    for each in found:
        click.echo(f"\n{each.source} {each.robot}: {each.detail}")

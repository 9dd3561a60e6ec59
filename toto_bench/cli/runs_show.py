"""`toto-bench runs show`."""

import json
from pathlib import Path

import click

from toto_bench.cli.options import json_option
from toto_bench.cli.runs_find import find_run, runs_option
from toto_bench.cli.runs_text import record_lines
from toto_bench.results.folder import RECORD_FILE, read_record


@click.command("show")
@click.argument("run")
@runs_option
@json_option
def command(run: str, runs: Path, as_json: bool) -> None:
    """Show everything that stands in the record of RUN: its id, the beginning of the id, or its path."""
    path = find_run(run, runs)
    record = read_record(path / RECORD_FILE)
    if as_json:
        document = {"path": str(path), "record": record.model_dump(mode="json")}
        click.echo(json.dumps(document, indent=1, allow_nan=False))
    else:
        click.echo("\n".join(record_lines(record, path)))

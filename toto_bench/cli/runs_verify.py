"""`toto-bench runs verify`."""

import json
from pathlib import Path

import click

from toto_bench.cli.options import json_option
from toto_bench.cli.runs_find import find_runs, runs_option
from toto_bench.errors import RequestError
from toto_bench.results.folder import RECORD_FILE, read_record
from toto_bench.results.verify import Finding, verify_run


@click.command("verify")
@click.argument("names", metavar="[RUN]...", nargs=-1)
@runs_option
@click.option("--rescore", is_flag=True, help="Score the predictions again, and compare every number.")
@click.option(
    "--data", metavar="PATH|sample", help="Data for --rescore; default: where the record says it lay."
)
@json_option
def command(names: tuple[str, ...], runs: Path, rescore: bool, data: str | None, as_json: bool) -> None:
    """Hold runs against their records; default: all finished ones. Exits with 1 when one is not as its record says.

    \b
    toto-bench runs verify
    toto-bench runs verify davis-pixels --rescore
    """
    if data is not None and not rescore:
        raise RequestError("`--data` is for scoring again: add `--rescore`, or leave it out.")
    if not names and not runs.is_dir():
        raise RequestError(f"There is no folder of runs {runs}: name one with `--runs DIR`.")
    found = {path: _look_at(path, rescore=rescore, data=data) for path in find_runs(names, runs)}
    if as_json:
        click.echo(json.dumps([_as_json(path, finding) for path, finding in found.items()]))
    else:
        click.echo(
            "\n".join(_line(path, finding) for path, finding in found.items())
            or f"No finished runs in {runs}."
        )
    if any(finding.problems for finding in found.values()):
        raise click.exceptions.Exit(1)


def _look_at(path: Path, *, rescore: bool, data: str | None) -> Finding:
    finding = verify_run(path)
    if not rescore or finding.problems:
        return finding
    from toto_bench.runner.rescore import rescore_run

    again = rescore_run(path, read_record(path / RECORD_FILE), data)
    return Finding(again.problems, (*finding.notes, *again.notes))


def _line(path: Path, finding: Finding) -> str:
    if finding.problems:
        return f"FAILED  {path.name}: {'; '.join(finding.problems)}"
    return f"ok      {path.name}" + (f" ({'; '.join(finding.notes)})" if finding.notes else "")


def _as_json(path: Path, finding: Finding) -> dict[str, object]:
    return {
        "id": path.name,
        "path": str(path),
        "ok": not finding.problems,
        "problems": list(finding.problems),
        "notes": list(finding.notes),
    }

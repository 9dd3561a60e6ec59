"""Finding runs in a folder: by id, by the beginning of an id, by path."""

from collections.abc import Sequence
from pathlib import Path

import click

from toto_bench.cards import did_you_mean
from toto_bench.errors import RequestError, TotoBenchError
from toto_bench.results.folder import RECORD_FILE, read_record
from toto_bench.results.record import RunRecord

runs_option = click.option(
    "--runs",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("runs"),
    show_default=True,
    help="Folder of runs.",
)


def find_run(run: str, runs: Path) -> Path:
    """The folder of a finished run.

    Raises:
        RequestError: there is none, there are several, or it is not finished.
    """
    given = Path(run).parent if Path(run).name == RECORD_FILE else Path(run)
    if (given / RECORD_FILE).is_file():
        return given
    finished = [path.parent.name for path in sorted(runs.glob(f"*/{RECORD_FILE}"))]
    matches = [run] if run in finished else [name for name in finished if name.startswith(run)]
    if len(matches) == 1:
        return runs / matches[0]
    if matches:
        shown = ", ".join(f"`{name}`" for name in matches[:5]) + (" ..." if len(matches) > 5 else "")
        raise RequestError(f"{len(matches)} runs in {runs} begin with `{run}`: {shown}. Give more of the id.")
    if any(path.name == run for path in unfinished_runs(runs)):
        raise RequestError(
            f"The run `{run}` in {runs} is not finished: repeat its command, and it goes on where it was."
        )
    raise RequestError(f"There is no run `{run}` in {runs}{did_you_mean(run, finished)}")


def find_runs(names: Sequence[str], runs: Path) -> list[Path]:
    """The folders of finished runs, each once; without names all of them, and a word about those left aside.

    Raises:
        RequestError: a name is not that of one finished run.
    """
    if names:
        return list(dict.fromkeys(find_run(name, runs) for name in names))
    if unfinished := unfinished_runs(runs):
        click.echo(f"Unfinished runs, left aside: {len(unfinished)}.", err=True)
    return [path.parent for path in sorted(runs.glob(f"[!.]*/{RECORD_FILE}"))]


def readable_records(runs: Path) -> list[tuple[Path, RunRecord]]:
    """All readable records; a damaged one is a warning."""
    found = []
    for path in sorted(runs.glob(f"*/{RECORD_FILE}")):
        try:
            found.append((path.parent, read_record(path)))
        except TotoBenchError as error:
            click.echo(f"Warning: {error}", err=True)
    return found


def unfinished_runs(runs: Path) -> list[Path]:
    """Folders of runs that were started and have no record yet."""
    return [path.parent for path in sorted(runs.glob("*/state")) if not (path.parent / RECORD_FILE).is_file()]


def may_be_of(folder: str, task: str | None, backbone: str | None) -> bool:
    """Whether an unfinished run may be of a task and backbone: only its folder's name tells."""
    name = "".join(c if c.isalnum() or c in "._-" else "-" for c in backbone or "")
    return folder.startswith(f"{task}-" if task else "") and f"-{name}" in folder

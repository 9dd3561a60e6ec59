"""Taking runs from one machine to another."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from toto_bench._version import __version__
from toto_bench.errors import DataError, RequestError, TotoBenchError
from toto_bench.results.archive import write_archive
from toto_bench.results.contents import describe
from toto_bench.results.folder import RECORD_FILE, RunFolder, read_record
from toto_bench.results.manifest import Manifest, RunEntry
from toto_bench.results.place import add_files, missing_files, put_in_place
from toto_bench.results.staging import staging
from toto_bench.results.unpack import unpack_archive
from toto_bench.results.verify import record_problems, verify_run


class Imported(NamedTuple):
    """One run of an archive."""

    path: Path
    """Where it lies now."""
    present: bool
    """Whether it lay there before."""
    added: int = 0
    """How many files it lay there without, left out of the archive that it came from; now they are there."""


def export_runs(folders: Sequence[Path], to: Path, *, light: bool = False, force: bool = False) -> Manifest:
    """Write finished runs into one archive; the same runs give the same bytes.

    Args:
        folders: of the runs.
        to: the archive to be.
        light: leave predictions and overlay videos out.
        force: replace a file that is there.

    Raises:
        RequestError: a run is not finished, two have one id, or the file is there.
        DataError: a run is not what its record says.
        DiskError: the archive cannot be written.
    """
    if to.exists() and not force:
        raise RequestError(f"{to} is there already: choose another name, or replace it with `--force`.")
    runs: dict[str, RunEntry] = {}
    sources: dict[str, Path | bytes] = {}
    for folder in {folder.resolve(): folder for folder in folders}.values():
        if not RunFolder(folder).finished:
            raise RequestError(
                f"{folder} is not a finished run: repeat its command, and it goes on where it was."
            )
        _expect_right(folder, f"The run {folder}")
        name = RunFolder(folder).record().id
        if name in runs:
            raise RequestError(f"Two runs are called `{name}`: export them into two archives.")
        runs[name], own = describe(folder, light=light)
        sources |= {f"{name}/{path}": source for path, source in own.items()}
    manifest = Manifest(toto_bench=__version__, runs=dict(sorted(runs.items())))
    write_archive(to, manifest, sources)
    return manifest


def import_runs(archive: Path, runs: Path) -> list[Imported]:
    """Put the runs of an archive beside those of a folder. All are checked before the first is put in place.

    Raises:
        RequestError: there is no such archive, or other runs of the same ids are there.
        DataError: the archive is damaged, or a run in it is not what its record says.
        DiskError: the folder cannot be written.
    """

    def whose(run: str) -> str:
        return f"{archive} is not imported: the run `{run}` in it"

    with staging(runs) as staged:
        manifest = unpack_archive(archive, staged, lambda run: _expect_record(staged / run, whose(run)))
        for run in manifest.runs:
            _expect_right(staged / run, whose(run))
        missing = {run: missing_files(runs / run, entry) for run, entry in manifest.runs.items()}
        return [_import(staged / run, runs / run, names) for run, names in missing.items()]


def _import(staged: Path, folder: Path, missing: Sequence[str] | None) -> Imported:
    if missing is None:
        put_in_place(staged, folder)
    elif missing:
        add_files(staged, folder, missing)
    return Imported(folder, missing is not None, len(missing or ()))


def _expect_record(folder: Path, whose: str) -> None:
    """The record alone; the other files are not there yet."""
    try:
        problems = tuple(record_problems(folder, read_record(folder / RECORD_FILE)))
    except TotoBenchError as error:
        problems = (str(error),)
    _expect_none(problems, folder, whose)


def _expect_right(folder: Path, whose: str) -> None:
    _expect_none(verify_run(folder).problems, folder, whose)


def _expect_none(problems: Sequence[str], folder: Path, whose: str) -> None:
    if problems:
        found = "; ".join(problem.replace(f"{folder.parent}/", "").rstrip(".") for problem in problems)
        raise DataError(f"{whose} is not what its record says: {found}. Repeat that run with `--again`.")

"""Taking runs from one machine to another."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from toto_bench._version import __version__
from toto_bench.errors import DataError, RequestError
from toto_bench.files import not_written, sha256_of
from toto_bench.results.archive import unpack_archive, write_archive
from toto_bench.results.contents import describe
from toto_bench.results.folder import RunFolder
from toto_bench.results.left_out import LEFT_OUT_FILE
from toto_bench.results.manifest import FileEntry, Manifest, RunEntry
from toto_bench.results.verify import verify_run


class Imported(NamedTuple):
    """One run of an archive."""

    path: Path
    """Where it lies now."""
    present: bool
    """Whether it lay there before."""


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
    try:
        runs.mkdir(parents=True, exist_ok=True)
        staging = tempfile.TemporaryDirectory(prefix=".writing-", dir=runs)
    except OSError as error:
        raise not_written(runs, error) from error
    with staging as name:
        manifest = unpack_archive(archive, Path(name))
        for run in manifest.runs:
            _expect_right(Path(name) / run, f"{archive} is not imported: the run `{run}` in it")
        present = {run: _is_present(runs / run, entry) for run, entry in manifest.runs.items()}
        for run in manifest.runs:
            if not present[run]:
                _put_in_place(Path(name) / run, runs / run)
    return [Imported(runs / run, present[run]) for run in manifest.runs]


def _expect_right(folder: Path, whose: str) -> None:
    if problems := verify_run(folder).problems:
        found = "; ".join(problem.replace(f"{folder.parent}/", "").rstrip(".") for problem in problems)
        raise DataError(f"{whose} is not what its record says: {found}. Repeat that run with `--again`.")


def _is_present(folder: Path, entry: RunEntry) -> bool:
    """Whether the run is there already, just so.

    Raises:
        RequestError: something else is there under its name.
    """
    if not folder.exists():
        return False
    if not RunFolder(folder).finished:
        raise RequestError(
            f"{folder} is there already and is not finished: finish that run by its own command, or move it away."
        )
    files = {name: file for name, file in entry.files.items() if name != LEFT_OUT_FILE}
    differing = [name for name, file in files.items() if not _is_same(folder / name, file)]
    if differing:
        more = f" and {len(differing) - 1} more" if differing[1:] else ""
        raise RequestError(
            f"{folder} is there already with other content ({differing[0]}{more}): nothing was imported. Move that "
            "folder away, or import into another one with `--runs`."
        )
    return True


def _is_same(path: Path, file: FileEntry) -> bool:
    return path.is_file() and path.stat().st_size == file.bytes and sha256_of(path) == file.sha256


def _put_in_place(staged: Path, folder: Path) -> None:
    """A rename: the run is there whole, or not at all."""
    try:
        for path in [*staged.rglob("*"), staged]:
            _sync(path)
        staged.rename(folder)
        _sync(folder.parent)
    except OSError as error:
        raise not_written(folder, error) from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

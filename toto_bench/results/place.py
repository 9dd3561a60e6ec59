"""Putting a run that was unpacked and checked in its place: whole, or what the run there lacks."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from toto_bench.errors import RequestError
from toto_bench.files import not_written, sha256_of, sync, write_text
from toto_bench.results.folder import RunFolder
from toto_bench.results.left_out import LEFT_OUT_FILE, left_out_of, left_out_text
from toto_bench.results.manifest import FileEntry, RunEntry


def missing_files(folder: Path, entry: RunEntry) -> tuple[str, ...] | None:
    """What the run of an archive has and the one in its place was exported without; None: there is none.

    Raises:
        RequestError: something else is there under its name.
    """
    if not folder.exists():
        return None
    if not RunFolder(folder).finished:
        raise RequestError(
            f"{folder} is there already and is not finished: finish that run by its own command, or move it away."
        )
    left_out = left_out_of(folder)
    files = {name: file for name, file in entry.files.items() if name != LEFT_OUT_FILE}
    differing = [name for name, file in files.items() if not _is_same(folder / name, file)]
    other = [name for name in differing if name not in left_out or (folder / name).exists()]
    if other:
        more = f" and {len(other) - 1} more" if other[1:] else ""
        raise RequestError(
            f"{folder} is there already with other content ({other[0]}{more}): nothing was imported. Move that "
            "folder away, or import into another one with `--runs`."
        )
    return tuple(name for name in files if name in left_out)


def _is_same(path: Path, file: FileEntry) -> bool:
    return path.is_file() and path.stat().st_size == file.bytes and sha256_of(path) == file.sha256


def put_in_place(staged: Path, folder: Path) -> None:
    """A rename: the run is there whole, or not at all.

    Raises:
        DiskError: the operating system refused.
    """
    try:
        _sync_all(staged)
        staged.rename(folder)
        sync(folder.parent)
    except OSError as error:
        raise not_written(folder, error) from error


def add_files(staged: Path, folder: Path, names: Sequence[str]) -> None:
    """Give a run the files that it was exported without.

    Each is renamed into the run whole, and stays on the list of those left out until all are on disk: stopped
    anywhere, the run is as good as before, and the next import goes on.

    Raises:
        DiskError: the operating system refused.
    """
    try:
        _sync_all(staged)
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).replace(folder / name)
        for parent in {parent for name in names for parent in PurePosixPath(name).parents}:
            sync(folder / parent)
        if left := left_out_of(folder).difference(names):
            write_text(folder / LEFT_OUT_FILE, left_out_text(left))
        else:
            (folder / LEFT_OUT_FILE).unlink()
            sync(folder)
    except OSError as error:
        raise not_written(folder, error) from error


def _sync_all(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        sync(path)

"""What of a run goes into an archive."""

import hashlib
from pathlib import Path

from toto_bench.errors import RequestError
from toto_bench.files import sha256_of
from toto_bench.results.left_out import LEFT_OUT_FILE, is_heavy, left_out_of, left_out_text
from toto_bench.results.manifest import FileEntry, RunEntry


def describe(folder: Path, *, light: bool) -> tuple[RunEntry, dict[str, Path | bytes]]:
    """The files of a finished run, and where their content comes from.

    Args:
        folder: of the run.
        light: without predictions and overlay videos.

    Raises:
        RequestError: there is a link in the folder.
    """
    files = _files(folder)
    gone = left_out_of(folder) | {name for name in files if light and is_heavy(name)}
    sources: dict[str, Path | bytes] = {
        name: path for name, path in files.items() if name not in gone and name != LEFT_OUT_FILE
    }
    if gone:
        sources[LEFT_OUT_FILE] = left_out_text(gone).encode()
    entries = {name: _entry(sources[name]) for name in sorted(sources)}
    return RunEntry(files=entries, left_out=tuple(sorted(gone))), sources


def _entry(source: Path | bytes) -> FileEntry:
    if isinstance(source, bytes):
        return FileEntry(sha256=hashlib.sha256(source).hexdigest(), bytes=len(source))
    return FileEntry(sha256=sha256_of(source), bytes=source.stat().st_size)


def _files(folder: Path) -> dict[str, Path]:
    """The files of a finished run, without its lock and without what a killed process had half written."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name == "lock" or name.split("/")[0] == "state" or ".writing-" in name:
            continue
        if path.is_symlink():
            raise RequestError(
                f"{path} is a link, and an archive holds files only: put the file itself there."
            )
        if path.is_file():
            found[name] = path
    return found

"""Files that are either whole or absent: write to a temporary name, fsync, rename. And digests."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from toto_bench.errors import RequestError, TotoBenchError
from toto_bench.paths import home


class DiskError(TotoBenchError):
    """A file could not be written: disk full, no permission, a path that is not a folder."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, of the same suffix; renamed onto it when the block ends well.

    Raises:
        DiskError: the operating system refused; nothing is left at the temporary path.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        sync(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
        sync(path.parent)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path, *, keep_existing: bool = False) -> Iterator[Path]:
    """A temporary folder beside `path`; takes its place when the block ends well, so that it is whole or absent.

    Args:
        path: the folder to be.
        keep_existing: what another process put there meanwhile is as good; else it is replaced.

    Raises:
        DiskError: the operating system refused; nothing is left at the temporary path.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=path.parent))
    except OSError as error:
        raise not_written(path, error) from error
    try:
        yield temporary
        _put_in_place(temporary, path, keep_existing=keep_existing)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put_in_place(temporary: Path, path: Path, *, keep_existing: bool) -> None:
    try:
        for file in temporary.rglob("*"):
            sync(file)
        temporary.chmod(0o755)
        if keep_existing and path.is_dir():
            return
        shutil.rmtree(path, ignore_errors=True)
        temporary.replace(path)
        sync(path.parent)
    except OSError as error:
        if not (keep_existing and path.is_dir()):
            raise not_written(path, error) from error


def move_into(source: Path, target: Path) -> None:
    """Move every file below `source` to the same place below `target`, each safe on disk before it appears there.

    Raises:
        DiskError: the operating system refused.
    """
    try:
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            sync(file)
            file.replace(place)
    except OSError as error:
        raise not_written(target, error) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    write_with(path, lambda temporary: temporary.write_bytes(content))


def write_text(path: Path, content: str) -> None:
    """Write a UTF-8 file atomically."""
    write_bytes(path, content.encode("utf-8"))


def write_json(path: Path, content: Any) -> None:
    """Write JSON atomically; floats keep every digit."""
    write_text(path, json.dumps(content, indent=1) + "\n")


def write_with(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file, then put it in place."""
    with replacing(path) as temporary:
        write(temporary)


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest(content: Any) -> str:
    """Hex digest of something JSON can hold, independent of the order of keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def not_written(path: Path, error: OSError) -> DiskError:
    """The error of a file or folder that the operating system refused."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    way_out = "set TOTO_BENCH_HOME to another folder" if _is_at_home(path) else "choose another folder"
    way_out = f"Free some space or {way_out}" if full else way_out[0].upper() + way_out[1:]
    return DiskError(
        f"{path} could not be written: {error.strerror or error}. {way_out}, then repeat the same command: what was "
        "finished is kept."
    )


def _is_at_home(path: Path) -> bool:
    try:
        return path.absolute().is_relative_to(home().absolute())
    except RequestError:
        return False  # there is no home


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Archives of runs: written so that the same runs give the same bytes, read as if a stranger had made them."""

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from toto_bench.errors import DataError, RequestError
from toto_bench.files import not_written, replacing
from toto_bench.results.manifest import MANIFEST_FILE, FileEntry, Manifest, is_safe

_LARGEST_MANIFEST = 64_000_000
_CHUNK = 1 << 20


def write_archive(path: Path, manifest: Manifest, sources: Mapping[str, Path | bytes]) -> None:
    """Write an archive: the manifest, then the files sorted by name, without times and owners.

    Args:
        path: the archive to be.
        manifest: describes every source.
        sources: name in the archive to a file, or to content.

    Raises:
        DiskError: it cannot be written.
    """
    with (
        replacing(path) as temporary,
        temporary.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        _add(tar, MANIFEST_FILE, (manifest.model_dump_json(indent=1) + "\n").encode())
        for name in sorted(sources):
            _add(tar, name, sources[name])


def unpack_archive(path: Path, into: Path) -> Manifest:
    """Unpack an archive below a folder, holding every file against the manifest.

    Raises:
        RequestError: there is no such file.
        DataError: it is no archive of runs, damaged, or holds what it should not.
        DiskError: the folder cannot be written.
    """
    if not path.is_file():
        raise RequestError(f"There is no file {path}: give an archive that `toto-bench runs export` wrote.")
    try:
        with gzip.open(path) as packed:
            with tarfile.open(fileobj=packed, mode="r:") as tar:
                manifest = _read_manifest(tar, path)
                _unpack_files(tar, manifest.members(), path, into)
            while packed.read(_CHUNK):  # to the end, where the checksum of everything is
                pass
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(
            f"{path} is damaged, cut off, or no archive of runs ({str(error).rstrip('.')}). Nothing was imported: get "
            "the file again, or export the runs anew with `toto-bench runs export`."
        ) from error
    return manifest


def _add(tar: tarfile.TarFile, name: str, source: Path | bytes) -> None:
    info = tarfile.TarInfo(name)
    info.mode = 0o644
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as stream:
        info.size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        tar.addfile(info, stream)


def _read_manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    member = tar.next()
    if member is None or member.name != MANIFEST_FILE or not member.isreg():
        raise _refused(path, f"it does not begin with {MANIFEST_FILE}, so that no `runs export` wrote it")
    if member.size > _LARGEST_MANIFEST:
        raise _refused(path, f"its {MANIFEST_FILE} is larger than any")
    stream = tar.extractfile(member)
    assert stream is not None
    try:
        return Manifest.model_validate_json(stream.read())
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise _refused(
            path, f"its {MANIFEST_FILE} is not one that this version reads: {place}: {problem['msg']}"
        ) from error


def _unpack_files(tar: tarfile.TarFile, expected: Mapping[str, FileEntry], path: Path, into: Path) -> None:
    seen: set[str] = set()
    for member in tar:
        if member.name == MANIFEST_FILE and not seen:
            continue
        _expect_plain(member, path)
        if member.name not in expected or member.name in seen:
            again = "twice" if member.name in seen else f"but {MANIFEST_FILE} does not know it"
            raise _refused(path, f"`{member.name}` is in it, {again}")
        seen.add(member.name)
        if member.size != expected[member.name].bytes:
            raise _refused(path, f"`{member.name}` has another size than {MANIFEST_FILE} says")
        if _unpack(tar, member, into / member.name) != expected[member.name].sha256:
            raise _refused(path, f"`{member.name}` is damaged: its sha256 is not that of {MANIFEST_FILE}")
    if missing := sorted(set(expected) - seen):
        raise _refused(
            path, f"`{missing[0]}` is missing" + (f", and {len(missing) - 1} more" if missing[1:] else "")
        )


def _expect_plain(member: tarfile.TarInfo, path: Path) -> None:
    if not is_safe(member.name):
        raise _refused(path, f"`{member.name}` would be written outside the folder")
    if not member.isreg():
        kind = "a link" if member.islnk() or member.issym() else "a folder" if member.isdir() else "a device"
        raise _refused(path, f"`{member.name}` is {kind}, not a file")


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    """Write one file; the sha256 of what was written."""
    source = tar.extractfile(member)
    assert source is not None
    digest = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        stream = target.open("xb")
    except OSError as error:
        raise not_written(target, error) from error
    with stream:
        while content := source.read(_CHUNK):
            digest.update(content)
            try:
                stream.write(content)
            except OSError as error:
                raise not_written(target, error) from error
    return digest.hexdigest()


def _refused(path: Path, reason: str) -> DataError:
    return DataError(
        f"{path} is not imported: {reason}. Nothing of it was put in place; export the runs anew with `toto-bench runs "
        "export`."
    )

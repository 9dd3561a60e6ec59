"""Reading an archive of runs as if a stranger had made it."""

import gzip
import hashlib
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from toto_bench.errors import DataError, RequestError
from toto_bench.files import DiskError, not_written
from toto_bench.results.archive import is_record
from toto_bench.results.folder import RECORD_FILE
from toto_bench.results.manifest import LARGEST_MANIFEST, MANIFEST_FILE, FileEntry, Manifest, is_safe
from toto_bench.results.tar import is_plain, members

_LARGEST_RECORD = 16_000_000
_CHUNK = 1 << 20
_Member = tuple[tarfile.TarInfo, Iterator[bytes]]


def unpack_archive(path: Path, into: Path, check: Callable[[str], None]) -> Manifest:
    """Unpack an archive below a folder, holding every file against the manifest.

    Args:
        path: the archive.
        into: the folder.
        check: told the id of a run when its record is unpacked, before anything else of it is.

    Raises:
        RequestError: there is no such file.
        DataError: it is no archive of runs, damaged, or holds what it should not.
        DiskError: the folder cannot be written, or what is to be unpacked is larger than the space there.
    """
    if not path.is_file():
        raise RequestError(f"There is no file {path}: give an archive that `toto-bench runs export` wrote.")
    try:
        with gzip.open(path) as packed:
            found = members(packed)
            manifest = _read_manifest(next(found, None), path)
            _expect_bounded(manifest, path, into)
            _unpack_files(found, manifest.members(), path, into, check)
            while packed.read(_CHUNK):  # to the end, where the checksum of everything is
                pass
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(
            f"{path} is damaged, cut off, or no archive of runs ({str(error).rstrip('.')}). Nothing was imported: get "
            "the file again, or export the runs anew with `toto-bench runs export`."
        ) from error
    return manifest


def _read_manifest(first: _Member | None, path: Path) -> Manifest:
    if first is None or first[0].name != MANIFEST_FILE or not is_plain(first[0]):
        raise _refused(path, f"it does not begin with {MANIFEST_FILE}, so that no `runs export` wrote it")
    member, content = first
    if member.size > LARGEST_MANIFEST:
        raise _refused(path, f"its {MANIFEST_FILE} is larger than any")
    try:
        return Manifest.model_validate_json(b"".join(content))
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise _refused(
            path, f"its {MANIFEST_FILE} is not one that this version reads: {place}: {problem['msg']}"
        ) from error


def _expect_bounded(manifest: Manifest, path: Path, into: Path) -> None:
    """Before anything is unpacked."""
    for run, entry in manifest.runs.items():
        record = entry.files.get(RECORD_FILE)
        if record is None:
            raise _refused(path, f"the run `{run}` in it has no {RECORD_FILE}")
        if record.bytes > _LARGEST_RECORD:
            raise _refused(path, f"the {RECORD_FILE} of the run `{run}` in it is larger than any")
    size = sum(file.bytes for file in manifest.members().values())
    try:
        free = shutil.disk_usage(into).free
    except OSError as error:
        raise not_written(into, error) from error
    if size > free:
        raise DiskError(
            f"{path} is not imported: unpacked it is {size / 1e6:.1f} MB, and the disk of {into.parent} has "
            f"{free / 1e6:.1f} MB left. Free some space, or import into a folder on another disk with `--runs`."
        )


def _unpack_files(
    found: Iterator[_Member],
    expected: Mapping[str, FileEntry],
    path: Path,
    into: Path,
    check: Callable[[str], None],
) -> None:
    seen: set[str] = set()
    for member, content in found:
        _expect_plain(member, path)
        name, run = member.name, member.name.split("/")[0]
        if name not in expected or name in seen:
            again = "twice" if name in seen else f"but {MANIFEST_FILE} does not know it"
            raise _refused(path, f"`{name}` is in it, {again}")
        seen.add(name)
        if f"{run}/{RECORD_FILE}" not in seen:
            raise _refused(path, f"`{name}` comes before the {RECORD_FILE} of its run")
        if member.size != expected[name].bytes:
            raise _refused(path, f"`{name}` has another size than {MANIFEST_FILE} says")
        if _unpack(content, into / name) != expected[name].sha256:
            raise _refused(path, f"`{name}` is damaged: its sha256 is not that of {MANIFEST_FILE}")
        if is_record(name):
            check(run)
    if missing := sorted(set(expected) - seen):
        raise _refused(
            path, f"`{missing[0]}` is missing" + (f", and {len(missing) - 1} more" if missing[1:] else "")
        )


def _expect_plain(member: tarfile.TarInfo, path: Path) -> None:
    if not is_safe(member.name):
        raise _refused(path, f"`{member.name}` would be written outside the folder")
    if not is_plain(member):
        kinds = {tarfile.SYMTYPE: "a link", tarfile.LNKTYPE: "a link", tarfile.DIRTYPE: "a folder"}
        kind = kinds.get(member.type, "a device, or of a kind that `runs export` never writes")
        raise _refused(path, f"`{member.name}` is {kind}, not a file")


def _unpack(content: Iterator[bytes], target: Path) -> str:
    """Write one file; the sha256 of what was written."""
    digest = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        stream = target.open("xb")
    except OSError as error:
        raise not_written(target, error) from error
    with stream:
        for piece in content:
            digest.update(piece)
            try:
                stream.write(piece)
            except OSError as error:
                raise not_written(target, error) from error
    return digest.hexdigest()


def _refused(path: Path, reason: str) -> DataError:
    return DataError(
        f"{path} is not imported: {reason}. Nothing of it was put in place; export the runs anew with `toto-bench runs "
        "export`."
    )

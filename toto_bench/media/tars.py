"""Members of tar archives as ranges of bytes: nothing is unpacked, and images are read from where they lie."""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from toto_bench.errors import DataError
from toto_bench.files import digest, write_with
from toto_bench.media.sources import Source
from toto_bench.paths import cache_folder


class Member(NamedTuple):
    """A file in an archive."""

    name: str
    """As the archive has it; in an archive of archives `inner.tar/NAME`."""
    source: Source
    """Its bytes."""


def members_of(path: Path) -> list[Member]:
    """Files in an uncompressed tar, and those in the tars that it holds, in their order.

    The headers of an archive of a million files take minutes to read; their index is kept in the cache, for as long as
    the archive has the same size and time.

    Raises:
        DataError: it is no tar, compressed, or cut off.
    """
    state = path.stat()
    key = digest([str(path.absolute()), state.st_size, state.st_mtime_ns])
    kept = cache_folder() / "tars" / f"{key[:32]}.npz"
    if kept.is_file():
        return _load(path, kept)
    try:
        with path.open("rb") as stream:
            found = list(_members(stream, path, 0, state.st_size))
    except (tarfile.TarError, OSError) as error:
        raise DataError(
            f"{path} cannot be read as an uncompressed tar ({error}). Compare its size with the official one, or "
            "download it again."
        ) from error
    _save(found, kept)
    return found


def _members(stream: BinaryIO, path: Path, start: int, end: int, prefix: str = "") -> Iterator[Member]:
    """Files between two places of a file, which is a tar from the first of them on."""
    stream.seek(start)
    inner = []
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        for entry in archive:
            if entry.offset >= end:
                break
            if entry.offset_data + entry.size > end:
                raise tarfile.ReadError(f"it is cut off in {prefix}{entry.name}")
            if entry.isfile() and entry.name.endswith(".tar") and not prefix:
                inner.append((entry.name, entry.offset_data, entry.size))
            elif entry.isfile():
                yield Member(f"{prefix}{entry.name}", Source(path, entry.offset_data, entry.size))
    for name, offset, size in inner:
        yield from _members(stream, path, offset, offset + size, f"{name}/")


def _save(members: list[Member], kept: Path) -> None:
    names = np.frombuffer("\n".join(member.name for member in members).encode(), np.uint8)
    places = np.array([(member.source.offset, member.source.length) for member in members], np.int64).reshape(
        -1, 2
    )
    write_with(kept, lambda temporary: np.savez_compressed(temporary, names=names, places=places))


def _load(path: Path, kept: Path) -> list[Member]:
    with np.load(kept, allow_pickle=False) as content:
        names = content["names"].tobytes().decode().split("\n")
        places = content["places"].tolist()
    return [
        Member(name, Source(path, offset, length))
        for name, (offset, length) in zip(names, places, strict=bool(places))
    ]

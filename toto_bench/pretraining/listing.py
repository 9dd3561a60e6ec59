"""The files of a source, and which of them are kept for validation."""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from toto_bench.files import digest
from toto_bench.pretraining.errors import SourceError
from toto_bench.pretraining.recipe import Kind

_VIDEOS = frozenset({".mp4", ".avi", ".mkv", ".webm", ".mov"})
SUFFIXES: dict[Kind, frozenset[str]] = {
    "images": frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"}),
    "videos": _VIDEOS,
    "frames": _VIDEOS,
}


class Listing(NamedTuple):
    """Files below a folder."""

    root: Path
    """The folder."""
    files: tuple[str, ...]
    """Paths below it, sorted."""
    sizes: tuple[int, ...]
    """Bytes of each."""
    times: tuple[int, ...]
    """When each was last changed, in nanoseconds."""

    @property
    def digest(self) -> str:
        """Of names and sizes: the same for a copy."""
        return digest([list(self.files), list(self.sizes)])

    @property
    def stamp(self) -> str:
        """Of names, sizes and times: another one when a file was written again."""
        return digest([list(self.files), list(self.sizes), list(self.times)])

    def some(self, count: int, seed: int) -> "Listing":
        """So many files of it at most, drawn at random: in the order of the listing."""
        if count >= len(self.files):
            return self
        drawn = np.random.default_rng(seed).permutation(len(self.files))[:count]
        return self.only({self.files[index] for index in drawn})

    def only(self, files: set[str]) -> "Listing":
        """Some of the files."""
        rows = [row for row in zip(self.files, self.sizes, self.times, strict=True) if row[0] in files]
        return _listing(self.root, rows)


def list_files(root: Path, kind: Kind, option: str = "--data PATH") -> Listing:
    """All images or videos below a folder, hidden ones left out; broken links are listed, and cannot be read later.

    Args:
        root: the folder.
        kind: what is looked for.
        option: how the user gives the folder, for messages.

    Raises:
        SourceError: there is no folder, or nothing of this kind in it.
    """
    if not root.is_dir():
        raise SourceError(f"{root} is not a folder. Give one with `{option}`.")
    found: list[tuple[str, int, int]] = []
    for folder, folders, files in os.walk(root, followlinks=True):
        folders[:] = sorted(inner for inner in folders if not inner.startswith("."))
        place = Path(folder)
        found += [
            ((place / file).relative_to(root).as_posix(), *_size_and_time(place / file))
            for file in files
            if file[0] != "." and Path(file).suffix.lower() in SUFFIXES[kind]
        ]
    if not found:
        wanted = ", ".join(sorted(SUFFIXES[kind]))
        raise SourceError(
            f"There are no {'images' if kind == 'images' else 'videos'} ({wanted}) below {root}. Pass the folder that "
            f"holds them with `{option}`."
        )
    return _listing(root, sorted(found))


def kind_of(root: Path) -> Kind:
    """What a folder holds: videos if there are any, else images."""
    files = (path for path in root.rglob("[!.]*") if path.suffix.lower() in SUFFIXES["videos"])
    return "videos" if next(files, None) is not None else "images"


def split(listing: Listing, share: float) -> tuple[Listing, Listing]:
    """Files for training and for validation: a file's name decides, whatever else is there.

    Of two files or more, at least one is kept for validation unless `share` is 0.
    """
    names = {file: hashlib.sha256(file.encode()).digest() for file in listing.files}
    kept = {file for file, value in names.items() if int.from_bytes(value[:8], "big") < share * 2**64}
    if share and not kept and len(names) > 1:
        kept = {min(names, key=names.__getitem__)}
    if len(kept) == len(names):
        kept = set()
    return listing.only(set(names) - kept), listing.only(kept)


def _listing(root: Path, rows: list[tuple[str, int, int]]) -> Listing:
    files, sizes, times = ([row[column] for row in rows] for column in range(3))
    return Listing(root, tuple(map(str, files)), tuple(map(int, sizes)), tuple(map(int, times)))


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:  # a link to nothing: reading it will say so
        return -1, 0
    return found.st_size, found.st_mtime_ns

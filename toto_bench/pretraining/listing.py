"""The files of a source, and which of them are kept for validation."""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from toto_bench.files import digest
from toto_bench.pretraining.errors import SourceError
from toto_bench.pretraining.recipe import Kind

SUFFIXES: dict[Kind, frozenset[str]] = {
    "images": frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"}),
    "videos": frozenset({".mp4", ".avi", ".mkv", ".webm", ".mov"}),
}


class Listing(NamedTuple):
    """Files below a folder."""

    root: Path
    """The folder."""
    files: tuple[str, ...]
    """Paths below it, sorted."""
    sizes: tuple[int, ...]
    """Bytes of each."""

    @property
    def digest(self) -> str:
        """Of names and sizes."""
        return digest([list(self.files), list(self.sizes)])


def list_files(root: Path, kind: Kind, name: str) -> Listing:
    """All images or videos below a folder, hidden ones left out.

    Raises:
        SourceError: there is no folder, or nothing of this kind in it.
    """
    if not root.is_dir():
        raise SourceError(f"Data `{name}`: {root} is not a folder. Give it with `--data {name}=PATH`.")
    found: list[tuple[str, int]] = []
    for folder, folders, files in os.walk(root, followlinks=True):
        folders[:] = sorted(inner for inner in folders if not inner.startswith("."))
        place = Path(folder)
        found += [
            ((place / file).relative_to(root).as_posix(), (place / file).stat().st_size)
            for file in files
            if file[0] != "." and Path(file).suffix.lower() in SUFFIXES[kind]
        ]
    if not found:
        wanted = ", ".join(sorted(SUFFIXES[kind]))
        raise SourceError(
            f"Data `{name}`: no {kind} ({wanted}) below {root}. Pass the folder that holds them with "
            f"`--data {name}=PATH`."
        )
    found.sort()
    return Listing(root, tuple(file for file, _ in found), tuple(size for _, size in found))


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
    return _only(listing, set(names) - kept), _only(listing, kept)


def _only(listing: Listing, files: set[str]) -> Listing:
    chosen = [(file, size) for file, size in zip(listing.files, listing.sizes, strict=True) if file in files]
    return Listing(listing.root, tuple(file for file, _ in chosen), tuple(size for _, size in chosen))

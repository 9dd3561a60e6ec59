"""Video files of a copy: where each listed one lies, whatever its folders are called."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from toto_bench.tasks.kinetics400.listing import identifier_of

SUFFIXES = {".mp4", ".avi", ".mkv", ".webm", ".mov", ".m4v", ".mpg", ".mpeg", ".flv", ".wmv"}
"""Of videos."""
_SPLIT = re.compile(r"(?:k(?:inetics)?[-_]?400[-_])?(train|val|test)(?:idation|idate|id)?(?:[-_].*)?")
"""Folders of a split: `val`, `validation`, `train_256`, `kinetics400_val`; not the class `training dog`."""
_REPLACEMENT = "replacement"
"""Begins the name of the folder with CVDF's replacements of corrupted files."""


class VideoFiles:
    """All videos below a folder."""

    def __init__(self, root: Path) -> None:
        """Walk through the folder once."""
        self.root = root
        self.all = tuple(sorted(_walk(root)))
        """Paths below the root."""
        self._known = set(self.all)
        self._by_stem = _grouped((path.stem, path) for path in self.all)
        self._by_identifier = _grouped((identifier_of(path.stem), path) for path in self.all)

    def of_clip(self, name: str, split: str) -> Path | None:
        """The file of a CVDF clip `<id>_<start>_<end>`, or of its identifier alone; replacements come first."""
        for found in (self._by_stem.get(name), self._by_identifier.get(identifier_of(name))):
            usable = [path for path in found or () if split_of(path) in {split, None, _REPLACEMENT}]
            if len({path.stem for path in usable}) == 1:
                return self.root / min(
                    usable, key=lambda path: (split_of(path) != _REPLACEMENT, *_rank(path, split))
                )
        return None

    def of_path(self, text: str, split: str) -> Path | None:
        """The file that a list names, replacements first.

        A path of another machine is found by its end, as far as it agrees with a file here.
        """
        path = PurePosixPath(text)
        if replaced := [p for p in self._by_stem.get(path.stem, ()) if split_of(p) == _REPLACEMENT]:
            return self.root / replaced[0]
        if path.is_absolute() and Path(text).is_file():
            return Path(text)
        parts = [part for part in path.parts if part not in ("/", ".", "..")]
        for start in range(len(parts)):
            tail = PurePosixPath(*parts[start:])
            for place in (tail, PurePosixPath(split) / tail):
                if place in self._known:
                    return self.root / place
        found = [
            p
            for p in self._by_stem.get(path.stem, ())
            if p.name == path.name and split_of(p) in {split, None}
        ]
        return self.root / found[0] if len(found) == 1 else None

    def in_class_folders(self, split: str) -> dict[PurePosixPath, str]:
        """Videos of a split that lie in a folder below it, and the name of that folder."""
        own = [path for path in self.all if split_of(path) == split]
        return {
            path: path.parts[-2] for path in own if split_of(PurePosixPath(*path.parts[:-2], "x")) == split
        }


def split_of(path: PurePosixPath) -> str | None:
    """`train`, `val`, `test` or `replacement`, by the first folder that says so; None where none does."""
    for part in path.parts[:-1]:
        if part.lower().startswith(_REPLACEMENT):
            return _REPLACEMENT
        if match := _SPLIT.fullmatch(part.lower()):
            return match[1]
    return None


def _rank(path: PurePosixPath, split: str) -> tuple[bool, str]:
    return split_of(path) != split, str(path)


def _walk(root: Path) -> Iterable[PurePosixPath]:
    for folder, _, names in os.walk(root, followlinks=True):
        below = PurePosixPath(Path(folder).relative_to(root).as_posix())
        for name in names:
            if not name.startswith(".") and PurePosixPath(name).suffix.lower() in SUFFIXES:
                yield below / name


def _grouped(pairs: Iterable[tuple[str, PurePosixPath]]) -> dict[str, list[PurePosixPath]]:
    found: dict[str, list[PurePosixPath]] = defaultdict(list)
    for key, path in pairs:
        found[key].append(path)
    return dict(found)

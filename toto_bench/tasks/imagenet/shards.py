"""Images in shards with a number for a label: which files belong to a split, and what is in them."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from toto_bench.files import digest, write_with
from toto_bench.media.sources import Source
from toto_bench.paths import cache_folder
from toto_bench.tasks.imagenet.parquet import LARGE_GROUP, ParquetImage, label_names, largest_group, rows_of
from toto_bench.tasks.imagenet.webdataset import is_shard, samples_of

NAMES = {"train": "train(?:ing)?", "val": "val(?:id(?:ation)?)?"}
"""What the names of a split's files have in them, between other letters: `imagenet1k-train-0000.tar`."""
_INNER = ("", "data", "default")
"""Folders of a data set in which shards lie."""
PARQUET, TAR = "Parquet files", "WebDataset shards"


class Shards(NamedTuple):
    """Files of a split."""

    kind: str
    """Parquet or tar."""
    files: list[Path]
    """In their order."""

    def titles(self) -> tuple[str, ...]:
        """What labels mean in words; empty where the files do not say."""
        return label_names(self.files[0]) if self.kind == PARQUET else ()

    def slow(self) -> bool:
        """Whether single images are read slowly."""
        return self.kind == PARQUET and largest_group(self.files[0]) > LARGE_GROUP


class Numbered(NamedTuple):
    """An image with the number of its class."""

    name: str
    """Of its file; made of shard and place where it has none of its own."""
    label: int
    """As the shard has it."""
    source: Source
    """Its bytes."""


def find_shards(root: Path, split: str, folders: tuple[str, ...], others: set[str]) -> Shards | None:
    """The shards of a split, if there are any.

    Args:
        root: of the data set.
        split: `train` or `val`.
        folders: names of folders of that split, in which the names of files do not matter.
        others: names of files that are no shards.
    """
    named = re.compile(rf"(?:^|[^a-z]){NAMES[split]}(?:[^a-z]|$)", re.IGNORECASE)
    places = [(root / inner / name, False) for inner in _INNER for name in folders]
    for folder, by_name in [*places, *((root / inner, True) for inner in _INNER)]:
        for kind, pattern in ((PARQUET, "[!.]*.parquet"), (TAR, "[!.]*.tar")):
            files = sorted(
                path
                for path in folder.glob(pattern)
                if path.name not in others and (not by_name or named.search(path.stem))
            )
            if files and (kind == PARQUET or is_shard(files[0])):
                return Shards(kind, files)
    return None


def read_shards(shards: Shards, suffixes: set[str]) -> list[Numbered]:
    """All images, without their pixels; what is in a file is kept in the cache for as long as it does not change.

    Raises:
        DataError: a file is damaged, or labels are missing.
    """
    read = _of_parquet if shards.kind == PARQUET else _of_tar(suffixes)
    of = ParquetImage if shards.kind == PARQUET else Source
    found = [(path, each) for path in shards.files for each in _indexed(path, shards.kind, read, of)]
    # Some count from zero in every shard.
    counts = Counter(each.name for _, each in found)
    return [
        each if counts[each.name] == 1 else each._replace(name=f"{path.stem}-{each.name}")
        for path, each in found
    ]


def _of_parquet(path: Path) -> Iterator[Numbered]:
    for name, label, source in rows_of(path):
        own = Path(name).name if name else f"{path.stem}-{source.offset:06d}.JPEG"
        yield Numbered(own, label, source)


def _of_tar(suffixes: set[str]) -> Callable[[Path], Iterator[Numbered]]:
    def read(path: Path) -> Iterator[Numbered]:
        return (Numbered(*sample) for sample in samples_of(path, suffixes))

    return read


def _indexed(
    path: Path, kind: str, read: Callable[[Path], Iterator[Numbered]], of: type[Source]
) -> list[Numbered]:
    state = path.stat()
    key = digest([kind, str(path.absolute()), state.st_size, state.st_mtime_ns, 1])
    kept = cache_folder() / "shards" / f"{key[:32]}.npz"
    if not kept.is_file():
        _save(list(read(path)), kept)
    with np.load(kept, allow_pickle=False) as content:
        names = content["names"].tobytes().decode().split("\n")
        numbers = content["numbers"].tolist()
    return [
        Numbered(name, label, of(path, offset, length))
        for name, (label, offset, length) in zip(names, numbers, strict=bool(numbers))
    ]


def _save(found: list[Numbered], kept: Path) -> None:
    names = np.frombuffer("\n".join(each.name for each in found).encode(), np.uint8)
    rows = [(each.label, each.source.offset, each.source.size()) for each in found]
    numbers = np.array(rows, np.int64).reshape(-1, 3)
    write_with(kept, lambda temporary: np.savez_compressed(temporary, names=names, numbers=numbers))

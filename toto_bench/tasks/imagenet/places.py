"""Where images lie: class folders, one flat folder, official archives or shards, which are read as they are."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from toto_bench.media.sources import Source
from toto_bench.media.tars import members_of
from toto_bench.tasks.imagenet.shards import Shards, find_shards, read_shards

SUFFIXES = {".jpeg", ".jpg", ".png", ".bmp", ".webp", ".ppm", ".tif", ".tiff", ".gif"}
"""Of images."""
FOLDERS = {"train": ("train",), "val": ("val", "validation", "valid")}
"""Of the splits."""
ARCHIVES = {"train": "ILSVRC2012_img_train.tar", "val": "ILSVRC2012_img_val.tar"}
"""Official archives."""


class Place(NamedTuple):
    """An image file."""

    folder: str
    """Of its class; empty in a flat folder."""
    stem: str
    """Its name without ending."""
    suffix: str
    """Its ending."""
    source: Source
    """Its bytes."""
    label: int | None = None
    """Number of its class, of images in shards."""


def find_places(root: Path, split: str) -> tuple[str, list[Place]]:
    """What kind of place a split has, and its images in a fixed order; none where there is nothing."""
    for folder in (root, *(root / name for name in FOLDERS[split])):
        if (archive := folder / ARCHIVES[split]).is_file():
            return f"archive {archive.name}", sorted(_in_archive(archive))
    if (shards := shards_of(root, split)) is not None:
        kind = f"{len(shards.files):,} {shards.kind} {shards.files[0].name} ..."
        return kind, sorted(
            Place("", *os.path.splitext(each.name), each.source, each.label)  # noqa: PTH122
            for each in read_shards(shards, SUFFIXES)
        )
    for folder in (root / name for name in FOLDERS[split]):
        if folder.is_dir():
            archives = sorted(folder.glob("[!.]*.tar"))
            if archives:
                return f"archives {folder.name}/*.tar", sorted(
                    p for each in archives for p in _in_archive(each)
                )
            places = sorted(_in_folder(folder))
            kind = "class folders" if any(place.folder for place in places) else "images in one folder"
            return f"{kind} {folder.name}/", places
    return "nothing", []


def has_places(root: Path, split: str) -> bool:
    """Whether a split has a folder, an archive or shards here."""
    return (
        (root / ARCHIVES[split]).is_file()
        or any((root / name).is_dir() for name in FOLDERS[split])
        or shards_of(root, split) is not None
    )


def shards_of(root: Path, split: str) -> Shards | None:
    """The shards of a split, if there are any."""
    return find_shards(root, split, FOLDERS[split], set(ARCHIVES.values()))


def _in_folder(folder: Path) -> Iterator[Place]:
    """Images directly in a folder, and at any depth below the folders of classes."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                for below, _, names in os.walk(entry.path, followlinks=True):
                    yield from _images(entry.name, Path(below), names)
            else:
                yield from _images("", folder, [entry.name])


def _images(of_class: str, folder: Path, names: list[str]) -> Iterator[Place]:
    for name in names:
        stem, suffix = os.path.splitext(name)  # noqa: PTH122  a million times
        if suffix.lower() in SUFFIXES and not name.startswith("."):
            yield Place(of_class, stem, suffix, Source(folder / name))


def _in_archive(archive: Path) -> Iterator[Place]:
    """Images of the archive of all classes, of one class (named after it), or of the validation set."""
    own = "" if archive.name in ARCHIVES.values() else archive.stem
    for name, source in members_of(archive):
        *folders, file = name.split("/")
        stem, dot, suffix = file.rpartition(".")
        if f".{suffix}".lower() in SUFFIXES and not file.startswith("."):
            of_class = folders[-1].removesuffix(".tar") if folders and folders[-1] != "." else own
            yield Place("" if of_class == "val" else of_class, stem, dot + suffix, source)

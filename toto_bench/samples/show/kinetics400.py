"""Kinetics-400: frames of clips over time."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from toto_bench.samples.show.clips import read_clip, videos_below
from toto_bench.samples.show.sheet import ROWS, Page, Row, shown, spread

_FRAMES, _HEIGHT = 8, 110
_SPLITS = ("train", "val", "test")


class _Item(NamedTuple):
    label: str
    split: str
    path: Path


def find(folder: Path) -> Path | None:
    """This folder, where it has the official lists, or lists as SlowFast has them with videos beside them."""
    official = any((folder / "annotations" / f"{split}.csv").is_file() for split in _SPLITS)
    return folder if official or any((folder / f"{split}.csv").is_file() for split in _SPLITS) else None


def page(root: Path) -> Page:
    """A row for each clip, classes in turn."""
    listed = list(_listed(root))
    there = sorted(
        (item for item in listed if item.path.is_file()), key=lambda item: (item.label, item.split)
    )
    rows = [_row(item) for item in (there[index] for index in spread(len(there), ROWS))]
    missing = f"; listed but missing: {len(listed) - len(there):,}" if len(there) < len(listed) else ""
    classes = len({item.label for item in listed})
    return Page(
        f"kinetics400: {shown(ROWS, len(there), 'clips')}, {classes} classes{missing}",
        "Each row is a clip from its first to its last frame.",
        rows,
        _HEIGHT,
    )


def _row(item: _Item) -> Row:
    clip = read_clip(item.path, _FRAMES)
    return Row(
        f"{item.label}: {item.split}, {item.path.name}, {clip.frames} frames at {clip.rate:.3g}/s", clip.cells
    )


def _listed(root: Path) -> Iterator[_Item]:
    videos: dict[str, Path] = {}
    for path in videos_below(root):
        videos.setdefault(path.stem, path)
        videos.setdefault(path.stem.rsplit("_", 2)[0], path)
    for split in _SPLITS:
        if (official := root / "annotations" / f"{split}.csv").is_file():
            yield from _official(official, split, videos)
        elif (listing := root / f"{split}.csv").is_file():
            yield from _paths(listing, split, root)


def _official(listing: Path, split: str, videos: dict[str, Path]) -> Iterator[_Item]:
    """Lines `label,youtube_id,time_start,time_end,split`; a file is `<id>_<start>_<end>`, or just `<id>`."""
    with listing.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            name = line["youtube_id"]
            full = f"{name}_{int(line['time_start']):06d}_{int(line['time_end']):06d}"
            found = videos.get(full) or videos.get(name) or listing.parent / full
            yield _Item(line.get("label") or "no label", split, found)


def _paths(listing: Path, split: str, root: Path) -> Iterator[_Item]:
    """Lines `path label`, the label a number after a space, comma or tab."""
    for line in listing.read_text(encoding="utf-8").splitlines():
        words = line.replace(",", " ").split()
        if len(words) >= 2:
            yield _Item(f"class {words[-1]}", split, root / words[0])

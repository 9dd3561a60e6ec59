"""From the lines of a list to examples: each listed video once, with its label and its file."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from toto_bench.errors import DataError
from toto_bench.media.sources import Source
from toto_bench.tasks.kinetics400.classes import normalised
from toto_bench.tasks.kinetics400.files import VideoFiles
from toto_bench.tasks.kinetics400.listing import Listing, Row
from toto_bench.tasks.recognition.examples import Example, some


class Entries(NamedTuple):
    """What a list says."""

    examples: tuple[Example, ...]
    """Each video once, in the order of first mention; of label -1 where it has none."""
    faults: dict[str, str]
    """Videos without a label, or with several."""
    warnings: tuple[str, ...]
    """What does no harm."""


def read_entries(listing: Listing, split: str, files: VideoFiles, by_name: Mapping[str, int]) -> Entries:
    """The videos of a list.

    Args:
        listing: the list.
        split: `train` or `val`.
        files: that are there.
        by_name: class index of each normalised label.

    Raises:
        DataError: it has no labels at all.
    """
    if all(row.label is None and row.class_id is None for row in listing.rows):
        raise DataError(
            f"{listing.path} has no labels, as an early list of CVDF had none: take a later copy of it."
        )
    found: dict[str, Example] = {}
    faults: dict[str, str] = {}
    repeated: list[str] = []
    for row, name in zip(listing.rows, _names(listing.rows), strict=True):
        label = row.class_id if row.label is None else by_name[normalised(row.label)]
        if label is None:
            faults[name] = f"{listing.path.name}, line {row.line}, has no label"
        known = found.get(name)
        if known is None:
            found[name] = Example(name, -1 if label is None else label, _source(row, split, files))
        elif known.label == label:
            repeated.append(name)
        else:
            faults[name] = f"{listing.path.name} lists it twice, with the classes {known.label} and {label}"
    text = f"{split} lists {len(repeated):,} videos twice, counted once: {some(repeated)}"
    return Entries(tuple(found.values()), faults, (text,) if repeated else ())


def _names(rows: Sequence[Row]) -> list[str]:
    """Names of videos: of their files, without folders and ending, unless two files of different folders share one."""
    paths = {row.name for row in rows}
    stems = [PurePosixPath(row.name).stem if row.class_id is not None else row.name for row in rows]
    return stems if len(set(stems)) == len(paths) else [row.name for row in rows]


def _source(row: Row, split: str, files: VideoFiles) -> Source | None:
    if row.class_id is None:
        path = files.of_clip(row.name, split)
    else:
        ways = filter(None, (row.name, row.other))
        path = next(filter(None, (files.of_path(way, split) for way in ways)), None)
    return Source(path) if path else None

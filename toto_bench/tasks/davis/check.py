"""What lies in a DAVIS folder: counts, problems that keep a sequence from being scored, fingerprint."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from toto_bench.errors import DataError, WrongDataError
from toto_bench.files import sha256_of
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.davis.metric.validation import VOID
from toto_bench.tasks.davis.problems import problem_of
from toto_bench.tasks.davis.protocol import DavisProtocol
from toto_bench.tasks.davis.reader import (
    VideoSequence,
    find_root,
    find_sequence,
    list_file,
    read_labels,
    read_list,
)

PUBLISHED_ON = {(2017, "val"): 30}
"""The split that published numbers speak of, and the length of its list."""


def check(data: Path, protocol: DavisProtocol, *, thorough: bool) -> DataReport:
    """Look at every sequence of the split.

    Args:
        data: root of the data set.
        protocol: which year, split and folder.
        thorough: decode every file, not only headers and first masks.

    Raises:
        DataError: there is no such data set, list or sequence at all.
    """
    root = find_root(data)
    listing = list_file(root, protocol)
    names = read_list(listing)
    sequences = [find_sequence(root, name, protocol) for name in names]
    if not any(sequence.frames for sequence in sequences):
        raise WrongDataError(
            f"None of the {len(names)} sequences of {listing} has frames under "
            f"{root / 'JPEGImages' / protocol.folder}. Choose another folder with `--set folder=...`."
        )
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda sequence: problem_of(sequence, protocol, thorough=thorough), sequences))
    first = {sequence.name: _first_labels(sequence) for sequence in sequences}
    return DataReport(
        path=root,
        name=f"DAVIS-{protocol.year}",
        layout=f"DAVIS-{protocol.year} official, {protocol.folder}",
        counts={
            "sequences": len(sequences),
            "frames": sum(len(sequence.frames) for sequence in sequences),
            "masks": sum(mask is not None for sequence in sequences for mask in sequence.masks),
            "objects": sum(_count_objects(labels, protocol) for labels in first.values()),
        },
        listed=names,
        problems={s.name: problem for s, problem in zip(sequences, found, strict=True) if problem},
        warnings=(*_list_warning(names, protocol), *_void_warnings(first, protocol)),
        fingerprint=_fingerprint(root, listing, sequences),
        comparable=_is_official(names, protocol),
    )


def _list_warning(names: tuple[str, ...], protocol: DavisProtocol) -> list[str]:
    if _is_official(names, protocol):
        return []
    split = f"DAVIS-{protocol.year} {protocol.split}"
    official = PUBLISHED_ON.get((protocol.year, protocol.split))
    reason = (
        f"the list has {len(names)} of the {official} sequences of {split}"
        if official
        else f"this is {split}"
    )
    return [f"{reason}: numbers from it are not comparable with published ones"]


def _is_official(names: tuple[str, ...], protocol: DavisProtocol) -> bool:
    return len(names) == PUBLISHED_ON.get((protocol.year, protocol.split))


def _first_labels(sequence: VideoSequence) -> list[int]:
    """Labels of the first mask, ascending; none where it is missing or unreadable."""
    first = sequence.masks[0] if sequence.masks else None
    try:
        return [int(label) for label in np.unique(read_labels(first))] if first else []
    except DataError:
        return []


def _count_objects(labels: list[int], protocol: DavisProtocol) -> int:
    """Highest label, void apart, as the official evaluation counts; in 2016 whatever is not 0 is one object."""
    if protocol.year == 2016:
        return int(any(labels))
    return max((label for label in labels if label != VOID), default=0)


def _void_warnings(first: dict[str, list[int]], protocol: DavisProtocol) -> list[str]:
    if protocol.year == 2016:
        return []
    return [
        f"{name}: pixels of label 255 (void) in the first mask are read as background"
        for name, labels in first.items()
        if VOID in labels and len(labels) > 2
    ]


def _fingerprint(root: Path, listing: Path, sequences: list[VideoSequence]) -> str:
    """Hash of the list, of (id, byte size) of every frame, and of the content of every mask."""
    hasher = hashlib.sha256(sha256_of(listing).encode())
    for sequence in sorted(sequences, key=lambda s: s.name):
        for frame, mask in zip(sequence.frames, sequence.masks, strict=True):
            name = frame.relative_to(root).as_posix()
            hasher.update(f"{name} {_size(frame)} {_content(mask)}\n".encode())
    return hasher.hexdigest()


def _size(frame: Path) -> int:
    """Bytes of a frame; -1 where it cannot be read, which its sequence's problem tells."""
    try:
        return frame.stat().st_size
    except OSError:
        return -1


def _content(mask: Path | None) -> str:
    try:
        return sha256_of(mask) if mask else "-"
    except OSError:
        return "-"

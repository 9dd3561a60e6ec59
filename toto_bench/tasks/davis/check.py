"""What lies in a DAVIS folder: counts, problems that keep a sequence from being scored, fingerprint."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from toto_bench.cards import TaskCard
from toto_bench.errors import DataError
from toto_bench.files import sha256_of
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.davis.protocol import DavisProtocol
from toto_bench.tasks.davis.reader import (
    VOID,
    VideoSequence,
    find_root,
    find_sequence,
    list_file,
    read_frame,
    read_labels,
    read_list,
)

OFFICIAL_SEQUENCES = {(2017, "train"): 60, (2017, "val"): 30, (2016, "train"): 30, (2016, "val"): 20}
"""Length of the official lists: a number from a shorter one is not comparable with published ones."""


def check(card: TaskCard, data: Path, protocol: DavisProtocol, *, thorough: bool) -> DataReport:
    """Look at every sequence of the split.

    Args:
        card: of the task.
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
        raise DataError(
            f"None of the {len(names)} sequences of {listing} has frames under "
            f"{root / 'JPEGImages' / protocol.folder}. Choose another folder with `--set folder=...`."
        )
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda sequence: _problem(sequence, protocol, thorough=thorough), sequences))
    warnings = _list_warning(names, protocol)
    warnings += [warning for sequence in sequences if (warning := _warning(sequence, protocol))]
    return DataReport(
        path=root,
        name=card.data.name,
        layout=f"DAVIS-{protocol.year} official, {protocol.folder}",
        counts={
            "sequences": len(sequences),
            "frames": sum(len(sequence.frames) for sequence in sequences),
            "masks": sum(mask is not None for sequence in sequences for mask in sequence.masks),
        },
        listed=names,
        problems={s.name: problem for s, problem in zip(sequences, found, strict=True) if problem},
        warnings=tuple(warnings),
        fingerprint=_fingerprint(root, listing, sequences),
    )


def _problem(sequence: VideoSequence, protocol: DavisProtocol, *, thorough: bool) -> str | None:
    """What keeps a sequence from being scored, or None."""
    if not sequence.frames:
        return "no frames: its folder under JPEGImages is missing or empty"
    if len(sequence.frames) < 3:
        return f"only {len(sequence.frames)} frames: the metric drops the first and the last one"
    missing = [f.stem for f, mask in zip(sequence.frames, sequence.masks, strict=True) if mask is None]
    if missing:
        return f"{len(missing)} of {len(sequence.frames)} masks are missing, first {missing[0]}.png"
    try:
        if thorough:
            _decode_all(sequence)
        return _size_problem(sequence) or _label_problem(sequence, protocol)
    except DataError as error:
        return str(error)


def _size_problem(sequence: VideoSequence) -> str | None:
    """Frames and masks of one sequence have one size; only headers are read."""
    expected = _header_size(sequence.frames[0])
    for path in [*sequence.frames, *(mask for mask in sequence.masks if mask)]:
        if (size := _header_size(path)) != expected:
            return (
                f"{path.parent.name}/{path.name} is {size[0]}x{size[1]}, but the first frame is "
                f"{expected[0]}x{expected[1]}"
            )
    return None


def _header_size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as image:
            return image.size
    except (OSError, UnidentifiedImageError, SyntaxError) as error:
        raise DataError(f"{path} is unreadable: not an image, or damaged") from error


def _label_problem(sequence: VideoSequence, protocol: DavisProtocol) -> str | None:
    """The first mask says which objects there are."""
    assert sequence.masks[0] is not None
    labels = np.unique(read_labels(sequence.masks[0]))
    objects = labels[(labels > 0) & ((labels < VOID) | (protocol.year == 2016))]
    if objects.size:
        return None
    if VOID in labels:
        return (
            "its first mask has only the values 0 and 255: that is DAVIS-2016's form, where 255 is the object "
            "(`--set year=2016` reads it so)"
        )
    return "its first mask is empty: there is nothing to propagate"


def _list_warning(names: tuple[str, ...], protocol: DavisProtocol) -> list[str]:
    official = OFFICIAL_SEQUENCES.get((protocol.year, protocol.split))
    if official is None or len(names) == official:
        return []
    return [
        f"the list has {len(names)} sequences, DAVIS-{protocol.year} {protocol.split} has {official}: numbers from "
        "it are not comparable with published ones"
    ]


def _warning(sequence: VideoSequence, protocol: DavisProtocol) -> str | None:
    first = sequence.masks[0] if sequence.masks else None
    if first is None or protocol.year == 2016:
        return None
    try:
        labels = np.unique(read_labels(first))
    except DataError:
        return None
    if VOID in labels and len(labels) > 2:
        return f"{sequence.name}: pixels of label 255 (void) in the first mask are read as background"
    return None


def _decode_all(sequence: VideoSequence) -> None:
    """Decode every frame and every mask.

    Raises:
        DataError: names the first file that does not decode.
    """
    for frame, mask in zip(sequence.frames, sequence.masks, strict=True):
        read_frame(frame)
        if mask is not None:
            read_labels(mask)


def _fingerprint(root: Path, listing: Path, sequences: list[VideoSequence]) -> str:
    """Hash of the list, of (id, byte size) of every frame, and of the content of every mask."""
    hasher = hashlib.sha256(sha256_of(listing).encode())
    for sequence in sorted(sequences, key=lambda s: s.name):
        for frame, mask in zip(sequence.frames, sequence.masks, strict=True):
            name = frame.relative_to(root).as_posix()
            hasher.update(f"{name} {frame.stat().st_size} {sha256_of(mask) if mask else '-'}\n".encode())
    return hasher.hexdigest()

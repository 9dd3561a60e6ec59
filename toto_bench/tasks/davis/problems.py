"""What keeps a sequence from being scored."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from toto_bench.errors import DataError
from toto_bench.tasks.davis.metric.validation import VOID
from toto_bench.tasks.davis.protocol import DavisProtocol
from toto_bench.tasks.davis.reader import VideoSequence, expect_whole, read_frame, read_labels


def problem_of(sequence: VideoSequence, protocol: DavisProtocol, *, thorough: bool) -> str | None:
    """What keeps a sequence from being scored, or None."""
    if not sequence.frames:
        return "no frames: its folder under JPEGImages is missing or empty"
    if len(sequence.frames) < 3:
        return f"only {len(sequence.frames)} frames: the metric drops the first and the last one"
    missing = [f.stem for f, mask in zip(sequence.frames, sequence.masks, strict=True) if mask is None]
    if missing:
        return f"masks missing: {len(missing)} of {len(sequence.frames)}, first {missing[0]}.png"
    if sequence.orphans:
        return f"frames missing: {len(sequence.orphans)} masks have none, first {sequence.orphans[0]}.png"
    try:
        for path in [*sequence.frames, *(mask for mask in sequence.masks if mask)]:
            expect_whole(path)
        if thorough:
            _decode_all(sequence)
        return _size_problem(sequence) or _label_problem(sequence, protocol)
    except DataError as error:
        return str(error).rstrip(".")


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


def _decode_all(sequence: VideoSequence) -> None:
    """Decode every frame and every mask.

    Raises:
        DataError: names the first file that does not decode.
    """
    for frame, mask in zip(sequence.frames, sequence.masks, strict=True):
        read_frame(frame)
        if mask is not None:
            read_labels(mask)

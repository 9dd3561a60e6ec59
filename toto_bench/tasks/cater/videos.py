"""Video files: whether they are whole, and the frames that are needed, each decoded once."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from toto_bench.errors import DataError

Pixels = NDArray[np.uint8]


class BrokenVideoError(DataError):
    """A video cannot be decoded."""


class Probe(NamedTuple):
    """What the file of a video says."""

    frames: int
    """As its header says; 0 where it cannot be read."""
    problem: str | None
    """Why it cannot be decoded as a whole; None where nothing speaks against it."""


def probe_video(path: Path, *, thorough: bool = False) -> Probe:
    """Look at a video without decoding it.

    An AVI file without an index, cut off, or with a lock beside it was not rendered to its end; the official generator
    leaves out such files.

    Args:
        path: of the file, which exists.
        thorough: also decode every frame.
    """
    if path.with_name(f"{path.name}.lock").exists():
        return Probe(0, f"{path.name}.lock lies beside it: it was not rendered to its end")
    try:
        if problem := _avi_problem(path):
            return Probe(0, problem)
        with av.open(str(path)) as container:
            frames = container.streams.video[0].frames
        if frames < 1:
            return Probe(0, "its header promises no frames")
        if thorough:
            for _ in _frames(path, np.arange(frames)):
                pass
    except BrokenVideoError as error:
        return Probe(0, str(error))
    except (av.FFmpegError, IndexError, OSError) as error:
        return Probe(0, f"it cannot be opened as a video ({error})")
    return Probe(frames, None)


def count_frames(path: Path) -> int:
    """Frames of a video, as its header says.

    Raises:
        BrokenVideoError: it cannot be decoded.
    """
    frames, problem = probe_video(path)
    if problem:
        raise BrokenVideoError(f"{path} cannot be decoded: {problem}.")
    return frames


def read_frames(path: Path, indices: NDArray[np.int64], size: int | None = None) -> Pixels:
    """Some frames of a video; only these are decoded where every frame stands alone, as in Motion JPEG.

    Args:
        path: of the file.
        indices: of the frames [T], in any order, repeats allowed.
        size: side of the square that the whole frame is squashed to (by area downwards, bicubic upwards); None: as is.

    Returns:
        uint8 [T, H, W, 3] RGB.

    Raises:
        BrokenVideoError: it cannot be decoded, or has no such frame.
    """
    try:
        found = {index: _squash(frame, size) for index, frame in _frames(path, indices)}
    except (av.FFmpegError, IndexError, OSError) as error:
        raise BrokenVideoError(f"{path} cannot be decoded ({error}).") from error
    return np.stack([found[int(index)] for index in indices])


def _frames(path: Path, indices: NDArray[np.int64]) -> Iterator[tuple[int, Pixels]]:
    """Number and picture of each frame that is wanted, in the order of the video."""
    wanted = {int(index) for index in indices}
    left = set(wanted)
    with av.open(str(path)) as container:
        for number, frame in _decoded(container, wanted):
            left.discard(number)
            yield number, np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
            if not left:
                return
    raise BrokenVideoError(
        f"{path} has no frame {min(left)}: it ends before, though its header promises more."
    )


def _decoded(container: InputContainer, wanted: set[int]) -> Iterator[tuple[int, av.VideoFrame]]:
    """Frames that are wanted; of others nothing is decoded where every frame stands alone."""
    stream = container.streams.video[0]
    stream.thread_count = 1  # as many videos as there are workers are read at once
    if not stream.codec_context.codec.intra_only:
        yield from (
            (number, frame) for number, frame in enumerate(container.decode(stream)) if number in wanted
        )
        return
    packets = (packet for packet in container.demux(stream) if packet.size)
    for number, packet in enumerate(packets):
        if number in wanted:
            yield from ((number, frame) for frame in packet.decode() if isinstance(frame, av.VideoFrame))


def _squash(frame: Pixels, size: int | None) -> Pixels:
    if size is None or frame.shape[:2] == (size, size):
        return frame
    method = cv2.INTER_AREA if size <= min(frame.shape[:2]) else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, (size, size), interpolation=method), dtype=np.uint8)


def _avi_problem(path: Path) -> str | None:
    """What the outline of an AVI file says against it; None for other kinds of files."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        kind, promised, form = struct.unpack("<4sI4s", stream.read(12).ljust(12, b"\0"))
        if (kind, form) != (b"RIFF", b"AVI "):
            return None if size else "the file is empty"
        place = 12
        while place + 8 <= size:
            stream.seek(place)
            name, length = struct.unpack("<4sI", stream.read(8))
            if name == b"idx1" and place + 8 + length <= size:
                return None
            place += 8 + length + length % 2
    if promised + 8 > size:
        return f"the file is cut off: {size:,} of {promised + 8:,} bytes are there"
    return "an AVI file without an index: it was not rendered to its end"

"""Frames of a video, numbered in the order of display: those that are wanted, in one pass."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""[H, W, 3] RGB."""
T = TypeVar("T")
_FAULTS = (av.FFmpegError, OSError)
"""What PyAV raises about files that it cannot read."""
_HIDDEN = 2
"""Packets that may show no frame of their own: packed B-frames of DivX and Xvid."""
_UNTIMED = ("avi",)
"""Formats whose packets have times in the order of storage, not of display."""


class VideoError(ValueError):
    """Something cannot be decoded as a video; the message says why, its caller says of what."""


class VideoInfo(NamedTuple):
    """What a video has."""

    frames: int
    """That the file holds, counted."""
    fps: float
    """Average frames per second."""
    height: int
    """In pixels."""
    width: int
    """In pixels."""


class _Index(NamedTuple):
    """Where frames begin."""

    shown: int
    """Packets that are shown."""
    times: list[int] | None
    """Of each frame, ascending, in units of the stream; None where packets do not say."""
    starts: list[int]
    """Of frames from which decoding may begin, ascending."""


def gather_frames(
    path: Path, choose: Callable[[VideoInfo], Collection[int]], convert: Callable[[Pixels], T]
) -> tuple[VideoInfo, dict[int, T]]:
    """Read some frames of a video in one pass; only these are converted to RGB.

    Packets are counted first, without decoding, so that frames are numbered by their place in the order of display
    whatever the header says, and decoding begins at the last key frame before the first wanted one.

    Args:
        path: of the file.
        choose: from what the video has to the numbers of frames, from 0; others than there are do not exist.
        convert: a frame, uint8 [H, W, 3] RGB, to what is kept of it.

    Returns:
        What the video has, and number to converted frame.

    Raises:
        VideoError: it cannot be decoded, is cut off, or has no such frame.
    """
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            stream = _stream(container)
            index = _index(container, stream)
            info = _describe(stream, index)
            wanted = set(choose(info))
            if beyond := [number for number in wanted if not 0 <= number < info.frames]:
                raise VideoError(f"it has {info.frames} frames, but number {beyond[0]} was asked for")
            found = {n: convert(_pixels(frame)) for n, frame in _by_time(container, stream, index, wanted)}
        if missing := wanted - found.keys():
            found |= _by_count(path, missing, info.frames, convert)
    except _FAULTS as error:
        raise VideoError(_reason(error)) from error
    return info, found


def describe_video(path: Path) -> VideoInfo:
    """What a video has; nothing is decoded.

    Raises:
        VideoError: it cannot be opened, or is cut off.
    """
    return gather_frames(path, lambda _: (), lambda frame: frame)[0]


def probe_video(path: Path) -> VideoInfo:
    """Decode the first and the last frame.

    Raises:
        VideoError: they do not decode.
    """
    info, _ = gather_frames(path, lambda _: {0}, lambda _: None)
    gather_frames(path, lambda info: {info.frames - 1}, lambda _: None)
    return info


def _stream(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise VideoError("it has no video, only other streams")
    stream = container.streams.video[0]
    stream.thread_count = 1  # as many videos as there are workers are read at once
    return stream


def _index(container: InputContainer, stream: VideoStream) -> _Index:
    packets = [packet for packet in container.demux(stream) if packet.size]
    promised = stream.frames
    if promised - len(packets) > _HIDDEN:
        raise VideoError(f"it is cut off: {len(packets)} of {promised} frames are there")
    shown = [packet for packet in packets if not packet.is_discard]
    times = [packet.pts for packet in shown if packet.pts is not None]
    if container.format.name in _UNTIMED or len(set(times)) < len(packets):
        return _Index(len(shown), None, [])
    starts = sorted(packet.pts for packet in packets if packet.is_keyframe and packet.pts is not None)
    return _Index(len(shown), sorted(times), starts)


def _describe(stream: VideoStream, index: _Index) -> VideoInfo:
    rate = stream.average_rate or stream.guessed_rate or stream.base_rate
    if not index.shown or not rate:
        raise VideoError(
            "it has no frames" if not index.shown else "it does not say how many frames a second has"
        )
    return VideoInfo(index.shown, float(rate), stream.height, stream.width)


def _by_time(
    container: InputContainer, stream: VideoStream, index: _Index, wanted: set[int]
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Number and frame of each that is wanted, from the last key frame before the first up to the last."""
    if not wanted or index.times is None:
        return
    start = bisect_right(index.starts, index.times[min(wanted)]) - 1
    container.seek(index.starts[max(start, 0)] if index.starts else 0, stream=stream)
    left = {index.times[number]: number for number in wanted}
    for frame in container.decode(stream):
        if frame.pts in left:
            yield left.pop(frame.pts), frame
            if not left:
                return


def _by_count(path: Path, wanted: set[int], promised: int, convert: Callable[[Pixels], T]) -> dict[int, T]:
    """Frames that have no times, by counting from the first; a last one that shows none is repeated."""
    found: dict[int, T] = {}
    last, count = None, 0
    with av.open(str(path), metadata_errors="ignore") as container:
        for frame in container.decode(_stream(container)):
            if count in wanted:
                found[count] = convert(_pixels(frame))
                if len(found) == len(wanted):
                    return found
            last, count = frame, count + 1
    if last is None or promised - count > _HIDDEN:
        raise VideoError(f"only {count} of its {promised} frames can be decoded")
    return found | {number: convert(_pixels(last)) for number in wanted if number >= count}


def _pixels(frame: av.VideoFrame) -> Pixels:
    return np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)


def _reason(error: Exception) -> str:
    """What FFmpeg says, without the path that its messages repeat."""
    text = getattr(error, "strerror", None) or str(error)
    return str(text)

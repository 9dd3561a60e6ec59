"""Frames of clips and of full videos."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from toto_bench.tasks.ego4d_sta.annotations import Annotation
from toto_bench.tasks.ego4d_sta.errors import FrameError
from toto_bench.tasks.ego4d_sta.frames.clock import Clock, clock_of, runs
from toto_bench.tasks.ego4d_sta.frames.source import FrameSource, Pixels, Spot

_FAULTS = (av.FFmpegError, OSError, IndexError, ValueError)
"""What PyAV raises about files that it cannot read."""


class FullVideos(FrameSource):
    """`<video_uid>.mp4`, 30 frames a second; hours long."""

    name = "full_scale"
    full_size = True

    def path(self, spot: Spot) -> Path:
        """The video."""
        return self.folder / f"{spot.key}.mp4"

    def read(self, key: str, numbers: Sequence[int]) -> Iterator[tuple[int, Pixels | FrameError]]:
        """Frames by presentation time; every group of pictures is decoded once, groups without a wanted frame never."""
        path = self.path(Spot(key, 0))
        try:
            with av.open(str(path), metadata_errors="ignore") as container:
                stream = _stream(container)
                clock = clock_of(stream)
                for run in runs(numbers, stream, clock):
                    yield from _in_order(_decoded(container, stream, clock, run[0]), run, path)
        except _FAULTS as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise FrameError(f"{path} cannot be decoded ({reason}). Get it again.") from error

    def size(self, spot: Spot) -> tuple[int, int]:
        """As its header says."""
        path = self.path(spot)
        try:
            with av.open(str(path), metadata_errors="ignore") as container:
                stream = _stream(container)
                return stream.height, stream.width
        except _FAULTS as error:
            raise FrameError(f"{path} cannot be opened as a video ({error}). Get it again.") from error


class Clips(FullVideos):
    """`<clip_uid>.mp4`, parts of the videos; frames have numbers of their own."""

    name = "clips"

    def spot(self, annotation: Annotation) -> Spot | None:
        """By `clip_uid` and `clip_frame`."""
        if annotation.clip is None or annotation.clip_frame is None:
            return None
        return Spot(annotation.clip, annotation.clip_frame)


def _stream(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise ValueError("it has no video, only other streams")
    stream = container.streams.video[0]
    stream.thread_count = 1  # as many videos as there are workers are read at once
    return stream


def _decoded(
    container: InputContainer, stream: VideoStream, clock: Clock, first: int
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Numbers and frames from the key frame before the first wanted one on."""
    back, target = clock.ticks, clock.time(first)
    while True:
        container.seek(max(target, clock.start), stream=stream)
        frames = container.decode(stream)
        head = next(frames, None)
        if head is None or target <= clock.start or _number(head, clock) <= first:
            break
        target, back = target - int(back), back * 8  # that key frame is shown later: further back
    if head is not None:
        yield from ((_number(frame, clock), frame) for frame in chain([head], frames))


def _number(frame: av.VideoFrame, clock: Clock) -> int:
    return -1 if frame.pts is None else clock.number(frame.pts)


def _in_order(
    decoded: Iterator[tuple[int, av.VideoFrame]], wanted: Sequence[int], path: Path
) -> Iterator[tuple[int, Pixels | FrameError]]:
    """The wanted ones of the decoded frames; what is passed over without being there is missing."""
    left = list(reversed(wanted))
    for number, frame in decoded:
        while left and left[-1] < number:
            absent = left.pop()
            yield absent, _missing(path, absent)
        if left and left[-1] == number:
            left.pop()
            yield number, np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
        if not left:
            return
    for number in reversed(left):
        yield number, _missing(path, number)


def _missing(path: Path, number: int) -> FrameError:
    return FrameError(
        f"{path} has no frame {number}: there is a hole in it, or it ends before. Get it again."
    )

"""Views of a video: all clips and crops that are scored from one pass, and random clips for training."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import DataError
from toto_bench.media.videos import VideoError, VideoInfo, gather_frames
from toto_bench.tasks.kinetics400.protocol import KineticsProtocol
from toto_bench.tasks.kinetics400.sampling import Clip, Indices, scored_clips, train_clip
from toto_bench.tasks.kinetics400.transforms import (
    crop_corners,
    random_corner,
    random_short_side,
    resize_short_side,
)
from toto_bench.tasks.recognition.randomness import view_generator

Pixels = NDArray[np.uint8]


class BrokenVideoError(DataError):
    """A video cannot be decoded."""


class ScoredViews(NamedTuple):
    """All views of a video, each distinct frame once."""

    frames: Pixels
    """Distinct frames, cropped: uint8 [F, K, R, R, 3] of K crops."""
    places: Indices
    """Of the frames of each clip among them: [C, T]."""

    @property
    def total(self) -> int:
        """Number of views: clips x crops."""
        return len(self.places) * int(self.frames.shape[1])

    def view(self, number: int) -> Pixels:
        """One view: uint8 [T, R, R, 3]. Number v is crop v mod K of clip v // K, as SlowFast counts them."""
        clip, crop = divmod(number, self.frames.shape[1])
        return np.asarray(self.frames[self.places[clip], crop], np.uint8)


def read_scored_views(path: Path, protocol: KineticsProtocol) -> ScoredViews:
    """Every view that is scored, in one pass: a frame that several views share is decoded and resized once.

    Raises:
        BrokenVideoError: it cannot be decoded; the message names the file.
    """
    clips: list[Indices] = []

    def choose(info: VideoInfo) -> set[int]:
        clips.append(
            scored_clips(
                clip_of(protocol), info.frames, info.fps, protocol.clips, offset=protocol.offset_sampling
            )
        )
        return {int(number) for number in clips[0].flat}

    found = _read(path, choose, protocol.resolution)
    height, width = next(iter(found.values())).shape[:2]
    corners = crop_corners(height, width, protocol.resolution, protocol.crops)
    numbers = np.array(sorted(found))
    frames = np.stack([_cut(found[int(number)], corners, protocol.resolution) for number in numbers])
    return ScoredViews(frames, np.searchsorted(numbers, clips[0]))


def read_train_view(path: Path, name: str, protocol: KineticsProtocol, *, seed: int, view: int) -> Pixels:
    """A random clip: uint8 [T, R, R, 3], from the numbers of (seed, name, view) alone.

    Args:
        path: of the video.
        name: of the example.
        protocol: how clips are cut.
        seed: of the run.
        view: number of the fixed view, or of the epoch.

    Raises:
        BrokenVideoError: it cannot be decoded; the message names the file.
    """
    rng = view_generator(seed, name, view)
    size = random_short_side(*protocol.train_short_side, rng)
    clip: list[Indices] = []

    def choose(info: VideoInfo) -> set[int]:
        clip.append(train_clip(clip_of(protocol), info.frames, info.fps, rng))
        return {int(number) for number in clip[0]}

    found = _read(path, choose, size)
    frames = np.stack([found[int(number)] for number in clip[0]])
    y, x = random_corner(frames.shape[1], frames.shape[2], protocol.resolution, rng)
    frames = frames[:, y : y + protocol.resolution, x : x + protocol.resolution]
    return np.ascontiguousarray(frames[:, :, ::-1] if rng.random() < protocol.flip else frames)


def clip_of(protocol: KineticsProtocol) -> Clip:
    """How clips are cut."""
    return Clip(protocol.frames, protocol.stride, protocol.target_fps)


def _read(path: Path, choose: Callable[[VideoInfo], set[int]], size: int) -> dict[int, Pixels]:
    try:
        found = gather_frames(path, choose, lambda frame: resize_short_side(frame, size))[1]
    except VideoError as error:
        raise BrokenVideoError(f"{path} cannot be decoded as a video: {error}.") from error
    if len({frame.shape for frame in found.values()}) > 1:
        raise BrokenVideoError(f"{path} cannot be used as a video: its frames change their shape.")
    return found


def _cut(frame: Pixels, corners: list[tuple[int, int]], size: int) -> Pixels:
    """Squares [K, size, size, 3]."""
    return np.stack([frame[y : y + size, x : x + size] for y, x in corners])

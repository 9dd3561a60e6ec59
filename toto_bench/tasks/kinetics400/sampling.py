"""Which frames of a video make a clip: SlowFast's rule (datasets/decoder.py, commit 287ec007)."""

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

Indices = NDArray[np.int64]


class Clip(NamedTuple):
    """How clips are cut from a video."""

    frames: int
    """Of a clip."""
    stride: int
    """Between them, in frames at `target_fps`."""
    target_fps: float
    """Rate at which the stride counts."""

    def length(self, fps: float) -> float:
        """Frames that a clip spans in a video of that rate; not whole as a rule."""
        return self.frames * self.stride / self.target_fps * fps


def scored_clips(clip: Clip, total: int, fps: float, count: int, *, offset: bool) -> Indices:
    """The clips of a video that are scored.

    Without `offset` clip i of n starts at i/n of the free length, so that the end of the video is never reached; with
    it they start whole steps apart, the last one near the end, and a single clip in the middle. A video shorter than a
    clip repeats its last frame.

    Args:
        clip: how clips are cut.
        total: frames of the video.
        fps: of the video.
        count: n clips.
        offset: SlowFast's USE_OFFSET_SAMPLING.

    Returns:
        Frame numbers [n, T], ascending in each clip.
    """
    length = clip.length(fps)
    starts = [_start(max(total - length, 0), place, count, offset=offset) for place in range(count)]
    return np.stack([frames_from(clip, start, length, total) for start in starts])


def train_clip(clip: Clip, total: int, fps: float, rng: np.random.Generator) -> Indices:
    """A clip from a random place: frame numbers [T]."""
    length = clip.length(fps)
    return frames_from(clip, float(rng.uniform(0, max(total - length, 0))), length, total)


def frames_from(clip: Clip, start: float, length: float, total: int) -> Indices:
    """Frame numbers [T], evenly from a start to the end of the clip; in single precision, as the official code."""
    places = torch.linspace(start, start + length - 1, clip.frames)
    return np.asarray(places.clamp(0, total - 1).long().numpy(), np.int64)


def _start(free: float, place: int, count: int, *, offset: bool) -> float:
    if not offset:
        return free * place / count
    return float(math.floor(free / 2) if count == 1 else math.floor(free / (count - 1)) * place)

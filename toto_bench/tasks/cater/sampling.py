"""Which frames of a video are read: one from each of T equal segments, so that the whole video is seen.

The last one is always the video's last frame: the class is where the snitch is at the end.
"""

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def segment_borders(total: int, count: int) -> Indices:
    """First frames of `count` equal segments, and the end of the last: [count + 1].

    Segments of less than a frame may be empty.
    """
    return np.asarray(np.arange(count + 1) * total // count, dtype=np.int64)


def center_frames(total: int, count: int, views: int = 1) -> Indices:
    """The frames of evaluation.

    Args:
        total: frames of the video.
        count: segments T.
        views: V selections; view v takes what lies at (v + 1/2) / V of each segment, one view its middle.

    Returns:
        Indices [V, T], ascending in each view; a video of fewer than T frames repeats some.
    """
    _expect_frames(total)
    shares = (np.arange(views) + 0.5) / views
    places = (np.arange(count) + shares[:, None]) * total / count
    return _with_tail(np.floor(places).astype(np.int64), total)


def random_frames(total: int, count: int, rng: np.random.Generator) -> Indices:
    """The frames of a training clip.

    Args:
        total: frames of the video.
        count: segments T.
        rng: from which one frame of each segment is drawn.

    Returns:
        Indices [T], ascending; a video of fewer than T frames repeats some.
    """
    _expect_frames(total)
    borders = segment_borders(total, count)
    drawn = rng.integers(borders[:-1], np.maximum(borders[1:], borders[:-1] + 1))
    return _with_tail(drawn, total)


def _with_tail(frames: Indices, total: int) -> Indices:
    frames[..., -1] = total - 1
    return frames


def _expect_frames(total: int) -> None:
    if total < 1:
        raise ValueError(f"a video of {total} frames has no segments")

"""Frame numbers of a video by presentation time."""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from av.video.stream import VideoStream

CANONICAL = Fraction(30)
"""Frames per second of all videos of Ego4D as they are delivered."""
_ABOUT = Fraction(1, 100)
_UNKNOWN_GROUP = 60
"""Frames after which it is worth while to seek, where a file does not say where its key frames are."""


class Clock(NamedTuple):
    """From times to numbers: frame i is shown at start + i / rate, so a hole in time is a missing frame."""

    start: int
    """Time of frame 0, in units of the stream."""
    ticks: Fraction
    """Units from one frame to the next."""

    def number(self, time: int) -> int:
        """Number of the frame that is shown at a time."""
        return round((time - self.start) / self.ticks)

    def time(self, number: int) -> int:
        """When a frame is shown."""
        return self.start + int(number * self.ticks)


def clock_of(stream: VideoStream) -> Clock:
    """The clock of a video. Holes lower the average rate, but not the one that all times are multiples of.

    Raises:
        ValueError: the stream does not say its rate.
    """
    rates = [rate for rate in (stream.average_rate, stream.base_rate, stream.guessed_rate) if rate]
    if not rates or stream.time_base is None:
        raise ValueError("it does not say how many frames a second has")
    rate = CANONICAL if any(abs(rate / CANONICAL - 1) < _ABOUT for rate in rates) else rates[0]
    return Clock(stream.start_time or 0, 1 / (rate * stream.time_base))


def runs(numbers: Sequence[int], stream: VideoStream, clock: Clock) -> list[list[int]]:
    """Numbers that one seek serves: those in the same groups of pictures, or in adjacent ones.

    Args:
        numbers: ascending.
        stream: of the video.
        clock: of the stream.
    """
    keys = _key_frames(stream, clock)
    found: list[list[int]] = []
    last = None
    for number in numbers:
        group = bisect_right(keys, number) if keys else number // _UNKNOWN_GROUP
        if last is None or group > last + 1:
            found.append([])
        found[-1].append(number)
        last = group
    return found


def _key_frames(stream: VideoStream, clock: Clock) -> list[int]:
    """Numbers of key frames by the file's index, which is read with its header; none where it has no index.

    The index has times of decoding; these are as far apart as those of presentation.
    """
    entries: Any = getattr(stream, "index_entries", ())
    times = [(entry.timestamp, entry.is_keyframe) for entry in entries]
    if not times:
        return []
    first = times[0][0]
    return sorted(clock.number(clock.start + time - first) for time, is_key in times if is_key)

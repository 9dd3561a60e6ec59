"""Videos whose frames tell their number, and sources that count what they are asked."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from toto_bench.tasks.ego4d_sta.annotations import Annotation
from toto_bench.tasks.ego4d_sta.errors import FrameError
from toto_bench.tasks.ego4d_sta.frames.source import FrameSource, Pixels, Spot

SIDE = 64


def numbered(number: int) -> Pixels:
    """A frame of 8 vertical bars, the bits of a number."""
    bits = np.array([255 * (number >> place & 1) for place in range(8)], dtype=np.uint8)
    return np.broadcast_to(np.repeat(bits, SIDE // 8)[None, :, None], (SIDE, SIDE, 3)).copy()


def number_of(frame: Pixels) -> int:
    """The number that a frame tells."""
    bars = frame.mean(axis=(0, 2)).reshape(8, -1).mean(axis=1) > 127
    return int(sum(1 << place for place, bar in enumerate(bars) if bar))


def write_video(
    path: Path,
    numbers: Sequence[int],
    *,
    group: int = 12,
    start: int = 0,
    rate: int = 30,
    open_groups: bool = False,
) -> Path:
    """A video with B-frames that shows frame n at start + n / rate; numbers that are left out are holes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width = stream.height = SIDE
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, rate * 512)
        stream.options = {"g": str(group), "bf": "2", "crf": "10"}
        stream.options |= {"x264-params": "threads=1:scenecut=0" + (":open-gop=1" if open_groups else "")}
        for number in numbers:
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts, frame.time_base = 512 * (number + start), stream.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def annotated(video: str, frame: int, clip_frame: int | None = None) -> Annotation:
    place = frame if clip_frame is None else clip_frame
    return Annotation(f"{video}_{frame:07d}", video, frame, f"clip-{video}", place)


class Counting(FrameSource):
    """A source of numbers; some frames are missing, and some videos break off."""

    name, full_size = "counting", True

    def __init__(self, *, missing: Sequence[int] = (), breaks_at: int | None = None) -> None:
        super().__init__(Path("/nowhere"))
        self.asked: list[tuple[str, list[int]]] = []
        self.missing, self.breaks_at = missing, breaks_at

    def path(self, spot: Spot) -> Path:
        return self.folder / spot.key

    def read(self, key: str, numbers: Sequence[int]) -> Iterator[tuple[int, Pixels | FrameError]]:
        self.asked.append((key, list(numbers)))
        for number in numbers:
            if number == self.breaks_at:
                raise FrameError(f"{key} breaks off")
            yield number, FrameError(f"no {number}") if number in self.missing else numbered(number)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many frames were decoded."""
    from toto_bench.tasks.ego4d_sta.frames import videos

    count = 0
    before = videos._number

    def counted(frame, clock):
        nonlocal count
        count += 1
        return before(frame, clock)

    monkeypatch.setattr(videos, "_number", counted)
    return lambda: count

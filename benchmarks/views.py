"""Time the reading of all 30 views of a video in one pass against 30 separate reads.

Run as `python benchmarks/views.py [--runs 5]` with toto-bench installed. The videos are synthetic: 10 s, 340x256,
H.264, as those of Kinetics are, and written here. Separate reads are done in two ways: as SlowFast's loader does them
(open, seek, decode, turn every frame of the clip's range into RGB, pick 16, normalise, resize in floats, crop), and as
thriftily as a read of one view can be (only its 16 frames become RGB, and are resized as ours). All give the same
views, SlowFast's up to the rounding to whole values, or no time is reported. The exit status is 1 where the goal is
missed.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.cards import find_task
from toto_bench.media.h264 import write_h264
from toto_bench.media.videos import VideoInfo, gather_frames
from toto_bench.tasks.kinetics400.protocol import KineticsProtocol
from toto_bench.tasks.kinetics400.sampling import Indices, scored_clips
from toto_bench.tasks.kinetics400.transforms import crop_corners, resize_short_side, short_side_size
from toto_bench.tasks.kinetics400.views import clip_of, read_scored_views

HEIGHT, WIDTH, FPS, FRAMES = 256, 340, 30, 300
KEY_FRAMES = (30, 250)
"""Frames between key frames: of copies made for quick seeking, and of x264's own choice."""
GOAL = 10.0
MEAN, DEVIATION = 0.45, 0.225
"""Of SlowFast's normalisation."""
SEEK_MARGIN = 1024
"""Of SlowFast's pyav_decode_stream, in units of the stream."""

Pixels = NDArray[np.uint8]


def main(argv: Sequence[str] | None = None) -> int:
    """Print times and ratios for both kinds of video; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description="Time 30 views in one pass against 30 separate reads.")
    parser.add_argument("--runs", type=int, default=5, help="interleaved runs, of which the median counts")
    runs = parser.parse_args(argv).runs
    protocol = KineticsProtocol(**find_task("kinetics400").values("paper"))
    torch.set_num_threads(1)
    reached = []
    with tempfile.TemporaryDirectory() as folder:
        for every in KEY_FRAMES:
            path = Path(folder) / f"{every}.mp4"
            write_h264(path, scene(), FPS, crf=23, preset="fast", coding={"g": str(every)})
            reached.append(report(path, every, protocol, runs))
    return 0 if all(reached) else 1


def report(path: Path, every: int, protocol: KineticsProtocol, runs: int) -> bool:
    """Print one video and say whether the goal is reached."""
    ways: dict[str, Callable[[], list[Any]]] = {
        "one pass": lambda: one_pass(path, protocol),
        "separate as SlowFast": lambda: separate(path, protocol, read_as_slowfast),
        "separate thrifty": lambda: separate(path, protocol, read_thriftily),
    }
    require_equal(ways)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    ours, slowfast, thrifty = (statistics.median(times[name]) for name in ways)
    sys.stdout.write(
        f"{protocol.clips * protocol.crops} views of {FRAMES} frames, a key frame in {every}: one pass {ours:.3f} s, "
        f"separate as SlowFast {slowfast:.3f} s, separate thrifty {thrifty:.3f} s; ratio {slowfast / ours:.1f} "
        f"(goal {GOAL:g}), {thrifty / ours:.1f} against thrifty\n"
    )
    return slowfast / ours >= GOAL


def require_equal(ways: dict[str, Callable[[], list[Any]]]) -> None:
    """Stop unless all ways give the same views, up to a grey value."""
    expected, *others = (way() for way in ways.values())
    for views in others:
        for own, other in zip(expected, views, strict=True):
            if np.abs(own.astype(float) - np.asarray(other, float)).max() > 0.51:
                raise SystemExit("views differ, so times mean nothing")


def one_pass(path: Path, protocol: KineticsProtocol) -> list[Pixels]:
    """Each view [T, R, R, 3]."""
    views = read_scored_views(path, protocol)
    return [views.view(number) for number in range(views.total)]


def separate(
    path: Path, protocol: KineticsProtocol, read: Callable[[Path, KineticsProtocol, int, int], Any]
) -> list[Any]:
    """Each view, read by itself."""
    return [
        read(path, protocol, clip, crop) for clip in range(protocol.clips) for crop in range(protocol.crops)
    ]


def read_thriftily(path: Path, protocol: KineticsProtocol, clip: int, crop: int) -> Pixels:
    """One view; only its frames become RGB."""
    chosen: list[Indices] = []

    def choose(info: VideoInfo) -> set[int]:
        chosen.append(clips_of(protocol, info.frames, info.fps)[clip])
        return {int(number) for number in chosen[0]}

    _, found = gather_frames(path, choose, lambda frame: resize_short_side(frame, protocol.resolution))
    frames = np.stack([found[int(number)] for number in chosen[0]])
    y, x = crop_corners(frames.shape[1], frames.shape[2], protocol.resolution, protocol.crops)[crop]
    return np.asarray(frames[:, y : y + protocol.resolution, x : x + protocol.resolution], np.uint8)


def read_as_slowfast(path: Path, protocol: KineticsProtocol, clip: int, crop: int) -> Tensor:
    """One view [T, R, R, 3], in grey values again at its end so that it can be compared."""
    with av.open(str(path), metadata_errors="ignore") as container:
        stream = container.streams.video[0]
        rate, duration = stream.average_rate, stream.duration
        assert rate is not None
        assert duration is not None
        numbers = clips_of(protocol, stream.frames, float(rate))[clip]
        step = duration / stream.frames
        first, last = (round(int(number) * step) for number in (numbers[0], numbers[-1]))
        container.seek(max(first - SEEK_MARGIN, 0), any_frame=False, backward=True, stream=stream)
        kept = {}
        for frame in container.decode(stream):
            assert frame.pts is not None
            if frame.pts > last:
                break
            if frame.pts >= first:
                kept[frame.pts] = frame
        rgb = np.stack([kept[time].to_rgb().to_ndarray() for time in sorted(kept)])
    frames = torch.as_tensor(rgb)[torch.from_numpy(numbers - numbers[0])]
    frames = ((frames.float() / 255) - MEAN) / DEVIATION
    video = frames.permute(0, 3, 1, 2)
    size = short_side_size(video.shape[2], video.shape[3], protocol.resolution)
    video = F.interpolate(video, size=size, mode="bilinear", align_corners=False)
    y, x = crop_corners(*size, protocol.resolution, protocol.crops)[crop]
    video = video[:, :, y : y + protocol.resolution, x : x + protocol.resolution]
    return (video.permute(0, 2, 3, 1) * DEVIATION + MEAN) * 255


def clips_of(protocol: KineticsProtocol, frames: int, fps: float) -> Indices:
    """Frame numbers [C, T]."""
    return scored_clips(clip_of(protocol), frames, fps, protocol.clips, offset=protocol.offset_sampling)


def scene() -> Iterator[Pixels]:
    """A textured ground that drifts, with noise: about as hard to decode as a real video."""
    rng = np.random.default_rng(0)
    ground = rng.integers(0, 256, (HEIGHT // 8, WIDTH // 4, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    for t in range(FRAMES):
        part = np.roll(ground, (t // 3, t), (0, 1))[:HEIGHT, :WIDTH]
        yield np.clip(part + rng.normal(0, 6, part.shape), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    sys.exit(main())

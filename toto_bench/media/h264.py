"""Frames as an H.264 video."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from toto_bench.files import replacing

_REPEATABLE = "threads=1:cpu-independent=1"
"""Of x264: without the second, its rate control differs from one encoding to the next even with one thread."""


def write_h264(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    fps: float,
    *,
    crf: int,
    preset: str = "slow",
    coding: dict[str, str] | None = None,
) -> None:
    """Write frames as an mp4; one thread, so that the same frames give the same bytes.

    Args:
        path: of the file, which is there as a whole or not at all.
        frames: uint8 [H, W, 3] RGB; the last row or column is repeated where a side is odd, as the format wants it.
        fps: frames per second.
        crf: quality; lower is better and larger.
        preset: of x264: how much time is taken to make the file small.
        coding: more options of the encoder, `x264-params` too; what makes the bytes repeatable stays.
    """
    with (
        replacing(path) as temporary,
        av.open(str(temporary), "w", format="mp4", options={"movflags": "faststart"}) as container,
    ):
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        options = {"crf": str(crf), "preset": preset} | (coding or {})
        given = options.get("x264-params")
        options["x264-params"] = f"{given}:{_REPEATABLE}" if given else _REPEATABLE
        stream.options = dict(options)
        for frame in frames:
            even = np.pad(frame, ((0, frame.shape[0] % 2), (0, frame.shape[1] % 2), (0, 0)), mode="edge")
            if not stream.codec_context.is_open:
                stream.height, stream.width = even.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
        container.mux(stream.encode())

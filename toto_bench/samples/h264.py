"""Clips as H.264 videos."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from toto_bench.files import replacing


def write_h264(path: Path, frames: NDArray[np.uint8], fps: int, crf: int = 26) -> None:
    """Write uint8 [T, H, W, 3] RGB with even sides as an mp4; one thread, so that the same frames give the same bytes.

    Args:
        path: of the file.
        frames: all of them.
        fps: frames per second.
        crf: quality; lower is better and larger.
    """
    with replacing(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps))
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        stream.options = {"crf": str(crf), "preset": "slow", "threads": "1"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())

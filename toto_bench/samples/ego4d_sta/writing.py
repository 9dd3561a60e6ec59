"""Videos as H.264, frames as JPEG."""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toto_bench.files import write_bytes, write_with

_CODING = {"crf": "30", "preset": "slow", "g": "30", "bf": "2"}
_QUALITY = 75


def write_video(path: Path, frames: NDArray[np.uint8], fps: float) -> None:
    """Write uint8 [T, H, W, 3] RGB as an MP4."""

    def write(temporary: Path) -> None:
        with av.open(str(temporary), "w", format="mp4", options={"movflags": "faststart"}) as container:
            stream = container.add_stream(
                "libx264", rate=Fraction(fps).limit_denominator(1001), options=_CODING
            )
            stream.height, stream.width = frames.shape[1:3]
            stream.pix_fmt = "yuv420p"
            stream.thread_count = 1
            for frame in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode())

    write_with(path, write)


def write_frame(path: Path, frame: NDArray[np.uint8]) -> None:
    """Write uint8 [H, W, 3] RGB as a JPEG."""
    stream = io.BytesIO()
    Image.fromarray(frame).save(stream, "JPEG", quality=_QUALITY, optimize=True)
    write_bytes(path, stream.getvalue())

"""A video that grows while an episode is recorded."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from toto_bench.files import DiskError, not_written
from toto_bench.media.videos import VideoError, describe_video
from toto_bench.robots.demonstrations.lerobot.statistics import Moments

KEYFRAMES = 2
"""Frames from one key frame to the next, as LeRobot: any frame is decoded with at most one other."""
QUALITY = 15
"""Constant rate factor of x264."""
_STANDARD = 6
"""BT.601 in FFmpeg's lists of matrices, primaries and transfers: what readers take for small pictures anyway."""
_LIMITED = 1
_LOOKED_AT = 10
"""Every so many pictures go into the statistics, and of these every so many rows and columns."""


class VideoFile:
    """H.264 in mp4, one frame at a time; colours at half the resolution, as every player reads it."""

    def __init__(self, path: Path, fps: float, *, crf: int = QUALITY) -> None:
        """Begin a file.

        Raises:
            DiskError: the operating system refused.
        """
        self.path, self.count = path, 0
        self.moments: Moments | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._container = av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})
        except OSError as error:
            raise not_written(path, error) from error
        stream = self._container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        stream.pix_fmt, stream.thread_count = "yuv420p", 1
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = _STANDARD
        context.color_range = _LIMITED
        stream.options = {"crf": str(crf), "preset": "veryfast", "g": str(KEYFRAMES), "bf": "0"}
        self._stream = stream

    def add(self, picture: NDArray[np.uint8]) -> None:
        """One more frame, uint8 [H, W, 3] RGB.

        Raises:
            DiskError: the operating system refused.
        """
        if self.count == 0:
            self._stream.height, self._stream.width = picture.shape[:2]
        try:
            self._container.mux(self._stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        except (av.FFmpegError, OSError) as error:
            raise self._refused(error) from error
        if self.count % _LOOKED_AT == 0:
            few = Moments.of(picture[::_LOOKED_AT, ::_LOOKED_AT].reshape(-1, 3) / 255.0)
            self.moments = few if self.moments is None else self.moments + few
        self.count += 1

    def finish(self) -> None:
        """Write what is left, and see that every frame is there.

        Raises:
            DiskError: the operating system refused.
        """
        try:
            self._container.mux(self._stream.encode())
            self._container.close()
            found = describe_video(self.path).frames
        except (av.FFmpegError, OSError, VideoError) as error:
            raise self._refused(error) from error
        if found != self.count:
            raise self._refused(OSError(f"{found} of {self.count} frames arrived"))

    def abandon(self) -> None:
        """Let go of the file, whole or not."""
        try:
            self._container.close()
        except (av.FFmpegError, OSError):  # nobody wants it any more
            return

    def _refused(self, error: Exception) -> DiskError:
        if isinstance(error, OSError):
            return not_written(self.path, error)
        return DiskError(
            f"{self.path} could not be written: {error}. Free some space, then record the episode again."
        )

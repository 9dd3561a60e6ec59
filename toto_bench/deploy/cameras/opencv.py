"""Webcams, streams and video files, through OpenCV."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np

from toto_bench.deploy.cameras.base import CameraFault
from toto_bench.deploy.cameras.settings import CaptureSettings
from toto_bench.deploy.cameras.threaded import GONE, Picture, ThreadedCamera

Capture: TypeAlias = Any
"""A `cv2.VideoCapture`."""
NETWORK_TIMEOUT_MS = 5000
"""A stream that answers no sooner counts as gone."""
MANUAL_EXPOSURE = 1
"""V4L2's `V4L2_EXPOSURE_MANUAL`, which OpenCV passes on as it is."""


def opencv_camera(
    name: str,
    source: str,
    settings: CaptureSettings | None = None,
    *,
    now: Callable[[], float] = time.monotonic,
) -> ThreadedCamera:
    """A camera that OpenCV can read.

    Args:
        name: as policies call the camera.
        source: a number (`0`), a device (`/dev/video0`, or better `/dev/v4l/by-id/...`, which does not change when
            cameras are plugged in another order), a URL (`rtsp://...`), or a video file, which plays at its own rate.
        settings: what is asked of it.
        now: the clock that pictures are stamped with.
    """
    chosen = settings or CaptureSettings()
    return ThreadedCamera(name, lambda: _Source(source, chosen, now), chosen, now=now)


class _Source:
    """An open capture."""

    def __init__(self, source: str, settings: CaptureSettings, now: Callable[[], float]) -> None:
        self._now = now
        self._file = Path(source).is_file()
        self._source = source
        self._capture = _opened(source)
        try:
            if not self._file:
                _adjust(self._capture, settings)
        except CameraFault:
            self._capture.release()
            raise
        rate = self._capture.get(cv2.CAP_PROP_FPS) if self._file else 0.0
        self._period = 1 / rate if rate > 0 else 0.0
        self._due = now()

    def read(self) -> Picture | None:
        """The next picture; its stamp is of the moment it arrived, before it was decoded."""
        if self._file:
            time.sleep(max(0.0, self._due - self._now()))
            self._due += self._period
        if not self._capture.grab():
            gone = f"{self._source} gives no pictures any more. {GONE}"
            raise CameraFault(f"The video {self._source} has ended." if self._file else gone)
        received = self._now()
        decoded, bgr = self._capture.retrieve()
        if not decoded or bgr is None:
            raise CameraFault(f"a picture of {self._source} cannot be decoded. {GONE}")
        if bgr.ndim != 3:
            return Picture(bgr, received)
        return Picture(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8), received)

    def release(self) -> None:
        self._capture.release()


def _opened(source: str) -> Capture:
    if source.startswith("/dev/"):
        _expect_device(Path(source))
        capture = cv2.VideoCapture(source, cv2.CAP_V4L2)
    elif source.isdecimal():
        capture = cv2.VideoCapture(int(source))
    elif "://" in source:
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, NETWORK_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC]
        capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, [*limits, NETWORK_TIMEOUT_MS])
    elif Path(source).is_file():
        capture = cv2.VideoCapture(source)
    else:
        raise CameraFault(
            f"There is no video file {source}. Give a number, /dev/videoN, a URL or a file that exists."
        )
    if not capture.isOpened():
        capture.release()
        raise CameraFault(
            f"OpenCV cannot open the camera {source}. Check with `v4l2-ctl --list-devices` that it is there, and that "
            "no other program uses it."
        )
    return capture


def _expect_device(device: Path) -> None:
    if not device.exists():
        found = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*"))) or "none"
        raise CameraFault(f"There is no camera {device} (found: {found}). Plug it in, or name another one.")
    if not os.access(device, os.R_OK | os.W_OK):
        raise CameraFault(
            f"{device} may not be read by this user: `sudo usermod -aG video $USER`, then log in again."
        )


def _adjust(capture: Capture, settings: CaptureSettings) -> None:
    if settings.fourcc is not None:
        _set(capture, cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*settings.fourcc), "the pixel format")
    for number, value in (
        (cv2.CAP_PROP_FRAME_WIDTH, settings.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, settings.height),
        (cv2.CAP_PROP_FPS, settings.fps),
        (cv2.CAP_PROP_BUFFERSIZE, 1),  # the newest picture, not the oldest of a queue
    ):
        if value is not None:
            capture.set(number, value)  # not every driver obeys; the size of the first picture is checked
    if settings.exposure is not None:
        _set(capture, cv2.CAP_PROP_AUTO_EXPOSURE, MANUAL_EXPOSURE, "a fixed exposure")
        _set(capture, cv2.CAP_PROP_EXPOSURE, settings.exposure, f"exposure {settings.exposure:g}")
    if settings.white_balance is not None:
        _set(capture, cv2.CAP_PROP_AUTO_WB, 0, "a fixed white balance")
        _set(
            capture,
            cv2.CAP_PROP_WB_TEMPERATURE,
            settings.white_balance,
            f"white balance {settings.white_balance:g} K",
        )


def _set(capture: Capture, number: int, value: float, what: str) -> None:
    if not capture.set(number, value):
        raise CameraFault(
            f"The camera does not take {what}. Leave this setting out, or see what it takes with `v4l2-ctl "
            "--list-ctrls`."
        )

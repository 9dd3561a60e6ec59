"""A camera that fails on purpose: any camera, and the faults that are known of real ones."""

import threading
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

import numpy as np

from toto_bench.deploy.cameras.base import Camera, CameraFault, Frame


class CameraFaultKind(StrEnum):
    """What goes wrong."""

    FROZEN = "frozen"
    """The last picture, again and again."""
    REPEATED = "repeated"
    """The last picture's bytes as new pictures (V4L2 does so)."""
    GONE = "gone"
    """The cable was pulled."""
    BARE_ERROR = "bare-error"
    """An exception that is none of ours."""
    SMALL = "small"
    """Half the size."""
    BLACK = "black"
    """A cap on the lens."""
    FLOAT = "float"
    """Pictures of another type."""
    HANG = "hang"
    """A call that does not return before `close`."""


_FRAMES: dict[CameraFaultKind, Callable[[Frame], Frame]] = {
    CameraFaultKind.SMALL: lambda frame: replace(frame, rgb=frame.rgb[::2, ::2]),
    CameraFaultKind.BLACK: lambda frame: replace(frame, rgb=np.zeros_like(frame.rgb)),
    CameraFaultKind.FLOAT: lambda frame: replace(frame, rgb=frame.rgb / np.float32(255)),  # type: ignore[arg-type]
}
_KEEPS = frozenset({CameraFaultKind.FROZEN, CameraFaultKind.REPEATED})
"""Need a picture to keep."""


class FaultyCamera:
    """Wraps a camera, and fails from one of its pictures on."""

    def __init__(self, camera: Camera, kind: CameraFaultKind, at: int = 0) -> None:
        """Nothing fails yet.

        Args:
            camera: the real one.
            kind: what goes wrong.
            at: number of the first call of `latest` that fails, from 0, not counting that of `open`.
        """
        self._camera, self._kind, self._at = camera, kind, at
        self._calls = 0
        self._last: Frame | None = None
        self._released = threading.Event()

    @property
    def name(self) -> str:
        """The camera's own."""
        return self._camera.name

    def open(self) -> None:
        """As the camera."""
        self._camera.open()

    def latest(self) -> Frame:
        """As the camera, or worse.

        Raises:
            CameraFault: the camera is gone.
        """
        call = self._calls
        self._calls += 1
        if call < self._at or (self._last is None and self._kind in _KEEPS):
            self._last = self._camera.latest()
            return self._last
        return self._fail()

    def close(self) -> None:
        """As the camera; hanging calls return."""
        self._released.set()
        self._camera.close()

    def _fail(self) -> Frame:
        kind = self._kind
        if kind is CameraFaultKind.GONE:
            raise CameraFault(f"Camera `{self.name}` went away: check its cable.")
        if kind is CameraFaultKind.BARE_ERROR:
            raise RuntimeError("xioctl(VIDIOC_DQBUF) failed")
        if kind is CameraFaultKind.HANG:
            self._released.wait()
        if kind is CameraFaultKind.FROZEN and self._last is not None:
            return self._last
        frame = self._camera.latest()
        if kind is CameraFaultKind.REPEATED and self._last is not None:
            return replace(frame, rgb=self._last.rgb)
        return _FRAMES[kind](frame) if kind in _FRAMES else frame

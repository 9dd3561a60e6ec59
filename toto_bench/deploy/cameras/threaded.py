"""A thread that reads a camera and keeps the newest picture, so that nobody waits for one."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.cameras.base import CameraFault, Frame
from toto_bench.deploy.cameras.settings import CaptureSettings

GONE = "Check its cable and that no other program uses it, then start anew."
"""The way out for a camera that went away."""
JOIN = 2.0
"""s that `close` waits for the thread; a driver that hangs in a read keeps it, and it can do no harm."""


class Picture(NamedTuple):
    """What a source gives."""

    rgb: NDArray[np.uint8]
    """[H, W, 3]; the source does not write into it again."""
    received: float
    """When it arrived, s."""


class Source(Protocol):
    """An open device; used by one thread alone."""

    def read(self) -> Picture | None:
        """The next picture, waiting for it; None where there was none in a while, which is not yet a fault.

        Raises:
            CameraFault: the device went away.
        """
        ...

    def release(self) -> None:
        """Let go of the device."""
        ...


@dataclass(eq=False)
class _Run:
    """What happened since `open`; a thread that outlives its run writes into nobody else's."""

    stop: threading.Event = field(default_factory=threading.Event)
    changed: threading.Event = field(default_factory=threading.Event)
    frame: Frame | None = None
    fault: str | None = None
    thread: threading.Thread | None = None


class ThreadedCamera:
    """A camera of any kind, read by a thread of its own."""

    def __init__(
        self,
        name: str,
        start: Callable[[], Source],
        settings: CaptureSettings,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Remember how; nothing is touched before `open`.

        Args:
            name: as policies call the camera.
            start: opens the device, or raises `CameraFault`.
            settings: latency, and how long to wait.
            now: the clock that pictures are stamped with.
        """
        self._name, self._start, self._settings, self._now = name, start, settings, now
        self._run: _Run | None = None

    @property
    def name(self) -> str:
        """As policies call it."""
        return self._name

    def open(self) -> None:
        """Open the device and wait for its first picture.

        Raises:
            CameraFault: it is not there, cannot be set as asked, or gives no picture.
        """
        self.close()
        run = _Run()
        source = self._start()
        run.thread = threading.Thread(
            target=self._read, args=(run, source), name=f"camera {self._name}", daemon=True
        )
        self._run = run
        run.thread.start()
        run.changed.wait(self._settings.first)
        if run.frame is None:
            silent = f"it gave no picture within {self._settings.first:g} s of being opened. {GONE}"
            self.close()
            raise self._fault(run.fault or silent)

    def latest(self) -> Frame:
        """The newest picture, at once.

        Raises:
            CameraFault: the camera is not open, went away, or has been silent for too long.
        """
        run = self._run
        if run is None or run.frame is None:
            raise self._fault("it is not open.")
        if run.fault is not None:
            raise self._fault(run.fault)
        frame = run.frame
        if (silent := self._now() - frame.received) > self._settings.silence:
            raise self._fault(f"it has given no picture for {silent:.1f} s. {GONE}")
        return frame

    def close(self) -> None:
        """Let go; may be called twice."""
        run, self._run = self._run, None
        if run is not None and run.thread is not None:
            run.stop.set()
            run.thread.join(JOIN)

    def _fault(self, what: str) -> CameraFault:
        return CameraFault(f"Camera `{self._name}`: {what}")

    def _read(self, run: _Run, source: Source) -> None:
        try:
            while not run.stop.is_set():
                if (picture := source.read()) is None:
                    continue
                self._expect_picture(picture.rgb)
                picture.rgb.setflags(write=False)
                taken = picture.received - self._settings.latency
                number = 1 if run.frame is None else run.frame.sequence + 1
                run.frame = Frame(picture.rgb, taken, picture.received, number)
                run.changed.set()
        except CameraFault as fault:
            run.fault = str(fault)
        except Exception as error:  # noqa: BLE001  a driver may raise anything; `latest` tells it
            run.fault = f"its driver failed ({error or type(error).__name__}). {GONE}"
        finally:
            run.changed.set()
            source.release()

    def _expect_picture(self, rgb: NDArray[np.uint8]) -> None:
        height, width = (self._settings.height, self._settings.width)
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
            raise CameraFault(f"it gives {rgb.dtype} {list(rgb.shape)} instead of colour pictures.")
        if (height or rgb.shape[0]) != rgb.shape[0] or (width or rgb.shape[1]) != rgb.shape[1]:
            raise CameraFault(
                f"it gives pictures of {rgb.shape[1]}x{rgb.shape[0]} pixels although {width or 'any'}x"
                f"{height or 'any'} was asked for; ask for a size that it has."
            )

"""A camera that looks at a simulation."""

import threading
from collections.abc import Callable

from toto_bench.deploy.cameras.base import CameraFault, Frame
from toto_bench.deploy.clock import Clock
from toto_bench.deploy.simulated.picture import ScenePainter
from toto_bench.deploy.simulated.settings import Pace
from toto_bench.deploy.simulated.state import SceneState

RATE_HZ = 30.0
"""Pictures per second."""
_FIRST = 60.0
"""s until the first picture; OpenGL is tried in a process of its own before."""


class SceneCamera:
    """Pictures at a steady rate: of a thread of its own in real time, else drawn when somebody asks."""

    def __init__(
        self,
        painter: ScenePainter,
        state: Callable[[], SceneState],
        clock: Clock,
        *,
        pace: Pace = "realtime",
        rate_hz: float = RATE_HZ,
    ) -> None:
        """Remember what is looked at.

        Args:
            painter: draws, and gives the camera its name.
            state: of the simulation, at this moment; asked from the camera's thread.
            clock: that of the simulation's driver.
            pace: `fast` belongs to a `VirtualClock`: no thread, and the one that asks draws.
            rate_hz: pictures per second.
        """
        self._painter, self._state, self._clock = painter, state, clock
        self._pace, self._period = pace, 1.0 / rate_hz
        self._frame: Frame | None = None
        self._broken: Exception | None = None
        self._thread: threading.Thread | None = None
        self._ending, self._ready = threading.Event(), threading.Event()
        self._opened = False

    @property
    def name(self) -> str:
        """`front` or `wrist`."""
        return self._painter.camera

    def open(self) -> None:
        """Begin, and wait for the first picture.

        Raises:
            CameraFault: nothing can be drawn.
        """
        if self._opened:
            return
        self._opened, self._broken, self._frame = True, None, None
        if self._pace == "fast":
            self._draw()
        else:
            self._ending.clear()
            self._ready.clear()
            self._thread = threading.Thread(target=self._film, name=f"camera {self.name}", daemon=True)
            self._thread.start()
            self._ready.wait(_FIRST)
        self.latest()

    def latest(self) -> Frame:
        """The newest picture.

        Raises:
            CameraFault: the camera is not open, or drawing failed.
        """
        if not self._opened:
            raise CameraFault(f"Camera `{self.name}` is not open.")
        if self._pace == "fast" and self._broken is None and self._is_due():
            self._draw()
        if self._broken is not None:
            raise CameraFault(f"Camera `{self.name}` cannot draw: {self._broken}") from self._broken
        if self._frame is None:
            raise CameraFault(f"Camera `{self.name}` has no picture after {_FIRST:g} s.")
        return self._frame

    def close(self) -> None:
        """Let go; may be called twice."""
        self._opened = False
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        elif self._pace == "fast":
            self._painter.close()

    def _is_due(self) -> bool:
        return self._frame is None or self._clock.now() - self._frame.captured >= self._period - 1e-9

    def _draw(self) -> None:
        captured = self._clock.now()
        try:
            picture = self._painter.draw(self._state())
        except Exception as error:  # noqa: BLE001 - whatever it is, the next to ask for a picture is told
            self._broken = error
            return
        picture.flags.writeable = False
        number = 0 if self._frame is None else self._frame.sequence + 1
        self._frame = Frame(picture, captured, self._clock.now(), number)

    def _film(self) -> None:
        due = self._clock.now()
        try:
            while not self._ending.is_set() and self._broken is None:
                self._draw()
                self._ready.set()
                due = max(due + self._period, self._clock.now())
                self._ending.wait(due - self._clock.now())
        finally:
            self._painter.close()

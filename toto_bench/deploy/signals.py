"""Ctrl-C and its like while an arm may move: they are requests to stop, not exceptions in the middle of anything."""

import logging
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGTSTP")
SIGNALS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""Ctrl-C, a process that is told to end, a terminal that is closed, and what is pressed by mistake for Ctrl-C: Ctrl-\\,
and Ctrl-Z, which would freeze the program and its watchdog."""
_log = logging.getLogger(__name__)
_Reasons = queue.SimpleQueue[str | None]
"""May be put to from a signal handler."""


class StopSignals:
    """While this is open, the first signal asks the loop to stop, the second stops the arm at once.

    A third one raises `KeyboardInterrupt` in the loop, to get out of a policy that does not return. Nothing is stopped
    from inside the handler itself, which may interrupt any line of the program: a thread that waits for it does it.

    ```python
    with StopSignals(driver.stop) as signals:
        driver.reset(pose, interrupted=signals.is_requested)
        ending = runner.run(recorder, signals=signals)
    ```
    """

    def __init__(self, stop: Callable[[str], None]) -> None:
        """Listen to nothing yet.

        Args:
            stop: `RobotDriver.stop`.
        """
        self._stop = stop
        self._before: dict[int, Any] = {}
        self._count, self._breaks = 0, False
        self._reasons = _Reasons()
        self.requested: signal.Signals | None = None
        """The first signal that came."""

    def is_requested(self) -> bool:
        """Whether somebody asked to stop."""
        return self.requested is not None

    def request(self, number: int = signal.SIGINT) -> None:
        """Ask, as the first signal does; for programs that have another stop button."""
        if self.requested is None:
            self.requested = signal.Signals(number)

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """A block that the third signal leaves; nowhere else is anything broken off, so that ends are written down."""
        self._breaks = True
        try:
            yield
        finally:
            self._breaks = False

    def __enter__(self) -> Self:
        """Take the signals over; outside the main thread, which alone gets them, nothing is done."""
        if threading.current_thread() is threading.main_thread():
            self._reasons = _Reasons()
            threading.Thread(
                target=self._stop_when_told, args=(self._reasons,), name="stop", daemon=True
            ).start()
            self._before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if self._before:
            self._reasons.put(None)
        self._before = {}

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._count += 1
        self.request(number)
        if self._count >= 2:
            self._reasons.put(f"{signal.Signals(number).name} for the second time")
        if self._count >= 3 and self._breaks:
            raise KeyboardInterrupt

    def _stop_when_told(self, reasons: _Reasons) -> None:
        while (reason := reasons.get()) is not None:
            try:
                self._stop(reason)
            except Exception:  # noqa: BLE001 - a stop never raises; the next one is tried all the same
                _log.exception("the arm could not be told to stop")

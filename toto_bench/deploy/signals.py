"""Ctrl-C and its like while an arm may move: they are requests to stop, not exceptions in the middle of anything."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Ctrl-C, a process that is told to end, and a terminal that is closed."""


class StopSignals:
    """While this is open, the first signal asks the loop to stop, the second stops the arm at once.

    A third one raises `KeyboardInterrupt` in the loop, to get out of a policy that does not return. Nothing is stopped
    from inside the handler itself, which may interrupt any line of the program: a thread of its own does it.

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
            self._before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._count += 1
        self.request(number)
        if self._count >= 2:
            reason = f"{signal.Signals(number).name} for the second time"
            threading.Thread(target=self._stop, args=(reason,), name="stop", daemon=True).start()
        if self._count >= 3 and self._breaks:
            raise KeyboardInterrupt

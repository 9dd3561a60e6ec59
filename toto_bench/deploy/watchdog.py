"""Stops the arm when the loop does not come round: a policy that hangs, a driver that does not return."""

import threading
from collections.abc import Callable

from toto_bench.deploy.clock import Clock, VirtualClock

_ROUNDING = 1e-9
_JOIN = 2.0
"""s that `end` waits for a stop that is under way."""


class Watchdog:
    """Fed once a tick; where that stays away for too long, it stops the arm, from a thread of its own.

    It never touches the guard, which belongs to the loop; the loop sees `fired` when it comes round again. It cannot
    help where the whole process stands still: then the arm goes to its last target, at most one step away.

    In virtual time there is no thread: the clock's own steps are looked at, so that the same calls give the same
    answers. A call that never returns lets no virtual time pass, so only the real one is seen to hang.
    """

    def __init__(self, stop: Callable[[str], None], limit: float, clock: Clock) -> None:
        """Sleep until `start`.

        Args:
            stop: `RobotDriver.stop`.
            limit: s without a tick after which it is called.
            clock: of the trial.
        """
        self._stop, self._limit, self._clock = stop, limit, clock
        self._fed = clock.now()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._awake = False
        self.fired: str | None = None
        """Why the arm was stopped, in words."""

    def start(self) -> None:
        """Watch from now on."""
        self._fed, self._awake = self._clock.now(), True
        if isinstance(self._clock, VirtualClock):
            self._clock.follow(self._look)
        else:
            self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
            self._thread.start()

    def feed(self) -> None:
        """A tick begins."""
        self._fed = self._clock.now()

    def end(self) -> None:
        """Watch no longer; a second call does nothing."""
        if self._awake and isinstance(self._clock, VirtualClock):
            self._clock.leave(self._look)
        self._awake = False
        self._ending.set()
        if self._thread is not None:
            self._thread.join(_JOIN)
            self._thread = None

    def _run(self) -> None:
        try:
            while not self._ending.wait(self._limit / 10):
                self._look(self._clock.now())
        except Exception as error:  # noqa: BLE001 - nobody watches the watchdog
            self._bark(f"The watchdog failed ({error!r}) and stopped the arm.")

    def _look(self, now: float) -> None:
        silent = now - self._fed
        if self._awake and self.fired is None and not silent <= self._limit + _ROUNDING:
            self._bark(
                f"The loop did not come round for {silent:.2f} s (more than {self._limit:.2f} s): the watchdog stopped "
                "the arm."
            )

    def _bark(self, reason: str) -> None:
        self.fired = self.fired or reason
        self._stop(reason)

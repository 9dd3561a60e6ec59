"""Time as runners and drivers see it, so that a trial in simulation need not take as long as a real one."""

import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Seconds that only grow."""

    def now(self) -> float:
        """The present moment, s."""
        ...

    def sleep_until(self, moment: float) -> None:
        """Return at this moment, or at once where it is past."""
        ...


class MonotonicClock:
    """`time.monotonic()`: what every trial with a real arm runs on."""

    def now(self) -> float:
        """Seconds since a moment that is fixed while the computer runs."""
        return time.monotonic()

    def sleep_until(self, moment: float) -> None:
        """Wait."""
        if (left := moment - self.now()) > 0:
            time.sleep(left)


class VirtualClock:
    """Stands still until somebody sleeps; whoever lives in this time is then taken along."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._followers: list[Callable[[float], None]] = []

    def now(self) -> float:
        """The present moment, s."""
        return self._now

    def follow(self, advance: Callable[[float], None]) -> None:
        """Have a simulation told of each new moment, after which it has to have caught up."""
        self._followers.append(advance)

    def leave(self, advance: Callable[[float], None]) -> None:
        """Tell it no longer."""
        self._followers.remove(advance)

    def sleep_until(self, moment: float) -> None:
        """Be at this moment."""
        if moment > self._now:
            self._now = moment
            for advance in list(self._followers):
                advance(moment)

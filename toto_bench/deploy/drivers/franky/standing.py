"""Whether the arm may be driven, and why not."""

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.franky.faults import fault_of, is_lost

_INSIST = 0.15
"""s; a stop so long after the first one is a second one, not its echo."""


class Standing:
    """Whoever holds the lock of the link reads and writes this."""

    def __init__(self) -> None:
        self.ready = True
        """Whether targets are taken; once not, a person has to ask for it again."""
        self.lost = False
        """Nothing can be sent or read any more."""
        self.stops = 0
        """How often it was to stop: a recovery that was stopped meanwhile is none."""
        self._why = ""
        self._since = 0.0
        self._fault: RobotFault | None = None

    def stop(self, reason: str, now: float) -> bool:
        """Take no more targets; whether the arm was stopped before, and this is no echo of it."""
        self.stops += 1
        if self.ready:
            self.ready, self._why, self._since = False, reason, now
            return False
        return now - self._since >= _INSIST

    def fail(self, error: BaseException, now: float) -> None:
        """Keep what went wrong first; what follows from it is no news."""
        self.lost = self.lost or is_lost(error)
        self._fault = self._fault or fault_of(error)
        self.stop(str(error), now)

    def recover(self) -> None:
        """Ready again."""
        self.ready, self._fault = True, None

    def expect_sound(self) -> None:
        """Pass an arm that did not stop by itself.

        Raises:
            RobotFault: it did.
        """
        if self._fault is not None:
            raise RobotFault(str(self._fault)) from self._fault

    def expect_ready(self) -> None:
        """Pass an arm that takes targets.

        Raises:
            RobotFault: it stopped by itself, or was stopped.
        """
        self.expect_sound()
        if not self.ready:
            raise RobotFault(f"The arm was stopped ({self._why}); a person has to make it ready again.")

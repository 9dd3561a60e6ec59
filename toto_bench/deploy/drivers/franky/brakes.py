"""Two ways to end a motion: smoothly, and by breaking it off."""

import logging
import threading
from collections.abc import Callable
from typing import Any

_log = logging.getLogger(__name__)
_BRAKING = 1.0
"""s of the robot's time within which a smooth stop has to have ended."""


class Brakes:
    """Of one connected arm."""

    def __init__(self, franky: Any, robot: Any, on_error: Callable[[BaseException], None]) -> None:
        """Nothing is braked yet.

        Args:
            franky: the module.
            robot: a connected `franky.Robot`.
            on_error: told of a motion that could not be broken off.
        """
        self._franky, self._on_error = franky, on_error
        self.robot = robot
        self._since: float | None = None
        self.hard = False
        """Whether the motion was broken off: the robot then reports that it was, and has to recover."""

    def release(self) -> None:
        """A new motion begins."""
        self._since, self.hard = None, False

    def apply(self, clock: float) -> None:
        """Brake smoothly, once; break off what still moves much later by the robot's clock."""
        if self._since is None:
            self._since = clock
            self.robot.move(self._franky.JointStopMotion(), asynchronous=True)
        elif clock - self._since > _BRAKING and not self.hard:
            self.break_off()

    def break_off(self) -> None:
        """Let the robot's own controller stop the arm. Returns at once, for the caller may be a signal handler."""
        self.hard = True
        try:
            threading.Thread(target=self._break_off, name="franky stop", daemon=True).start()
        except RuntimeError:  # the interpreter is ending
            self._break_off()

    def _break_off(self) -> None:
        try:
            self.robot.stop()
        except Exception as error:  # noqa: BLE001  a stop never raises; what it failed at is told by the next call
            _log.warning("the motion could not be broken off: %s", error)
            self._on_error(error)

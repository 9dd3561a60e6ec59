"""The Franka Hand: slow, and so driven in a thread of its own."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.franky.faults import fault_of
from toto_bench.deploy.kinematics import OPENING

_log = logging.getLogger(__name__)
_PERIOD = 0.05
"""s between two readings."""
_CHANGE = 0.05
"""Smaller changes of the opening are not sent."""
_SPEED = 0.1
"""m/s that the opening changes by (data sheet of the Franka Hand: 0.05 m/s for each finger)."""
_FORCE = 30.0
"""N of a grasp; the hand can do 70 (data sheet)."""
_ANSWER = 30.0
"""s after which a command that did not end counts as hung."""


class Hand:
    """Follows the newest opening that was asked for.

    A command under way is let end before the next one, since they break each other off.
    """

    def __init__(self, gripper: Any, on_fault: Callable[[BaseException], None]) -> None:
        """Take a first reading and start; no finger moves.

        Args:
            gripper: a connected `franky.Gripper`.
            on_fault: told of an error, in the hand's thread.

        Raises:
            RobotFault: the gripper tells nothing.
        """
        self._gripper, self._on_fault = gripper, on_fault
        self._news = threading.Condition()
        self._asked: float | None = None
        self._sent: float | None = None
        self._home = self._busy = self._closing = self._stopping = False
        try:
            self._opening = self._measure()
        except Exception as error:
            raise fault_of(error) from error
        self._thread = threading.Thread(target=self._run, name="franky hand", daemon=True)
        self._thread.start()

    def opening(self) -> float:
        """As measured: 0 closed, 1 open."""
        return self._opening

    def go(self, opening: float) -> None:
        """Ask for an opening in [0, 1]."""
        with self._news:
            if self._sent is None or abs(opening - self._sent) > _CHANGE:
                self._asked, self._stopping = opening, False
            else:
                self._asked = None
            self._news.notify_all()

    def home(self) -> None:
        """Ask for homing: the fingers open fully to learn how far that is, and come back."""
        with self._news:
            self._home, self._stopping = True, False
            self._news.notify_all()

    @property
    def lost(self) -> bool:
        """Whether only a new connection helps."""
        return not self._thread.is_alive()

    @property
    def is_idle(self) -> bool:
        """Whether all that was asked for has ended."""
        with self._news:
            return not (self._busy or self._home or self._asked is not None)

    def hold(self, *, hard: bool) -> None:
        """Begin nothing more. What holds an object goes on holding it; a hard stop breaks off fingers on their way."""
        with self._news:
            self._asked, self._home, self._sent = None, False, None
            hard = hard and self._busy
            self._stopping = self._stopping or hard
        if hard:
            threading.Thread(target=self._break_off, name="franky hand stop", daemon=True).start()

    def close(self) -> None:
        """End the thread."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        self._thread.join(_PERIOD + 2.0)

    def _run(self) -> None:
        while not self._closing:
            with self._news:
                self._news.wait_for(self._is_due, _PERIOD)
                home, self._home = self._home, False
                asked, self._asked = (self._asked, None) if not home else (None, self._asked)
                self._busy = home or asked is not None
                self._sent = self._sent if asked is None else asked
            try:
                if home:
                    self._await(self._gripper.homing_async(), "be homed")
                elif asked is not None:
                    self._await(self._start(asked), f"go to {asked:.2f} of its opening")
                self._opening = self._measure()
            except Exception as error:  # noqa: BLE001  franky raises bare RuntimeErrors too; the driver tells of it
                _log.warning("the gripper: %s", error)
                self._on_fault(error)
                break
            finally:
                self._busy = False

    def _is_due(self) -> bool:
        return self._closing or self._home or self._asked is not None

    def _start(self, asked: float) -> Any:
        """Opening is a movement; closing a grasp, which ends with a force when something is between the fingers."""
        width = float(asked) * OPENING
        if width >= self._opening * OPENING:
            return self._gripper.move_async(width, _SPEED)
        return self._gripper.grasp_async(width, _SPEED, _FORCE, OPENING, OPENING)

    def _await(self, future: Any, what: str) -> None:
        for _ in range(int(_ANSWER / _PERIOD)):
            if future.wait(_PERIOD):
                if not (future.get() or self._stopping):
                    raise RobotFault(f"The gripper did not {what}. Free its fingers, and home it in Desk.")
                return
            self._opening = self._measure()
            if self._stopping or self._closing:
                return
        raise RobotFault(f"The gripper did not {what} within {_ANSWER:g} s. Look at its power and cable.")

    def _measure(self) -> float:
        return min(max(float(self._gripper.state.width) / OPENING, 0.0), 1.0)

    def _break_off(self) -> None:
        try:
            self._gripper.stop()
        except Exception as error:  # noqa: BLE001  a stop never raises
            _log.warning("the gripper could not be stopped: %s", error)

"""The Franka Hand: slow, and so driven in a thread of its own."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from toto_bench.deploy.drivers.franky.faults import fault_of
from toto_bench.deploy.drivers.franky.order import HandOrder
from toto_bench.deploy.kinematics import OPENING

_log = logging.getLogger(__name__)
_PERIOD = 0.05
"""s between two readings."""
_CHANGE = 0.05
"""Smaller changes of the opening are not sent."""
_ENDING = 3.0
"""s that a command under way has once nobody wants it any more."""


class Hand:
    """Follows the newest opening that was asked for.

    A command under way is let end before the next one: franky would wait for it with all of Python standing still, the
    watchdog included.
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
        self._home = self._closing = self._held = False
        self._order: HandOrder | None = None
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
            if self._held:
                return
            new = self._sent is None or abs(opening - self._sent) > _CHANGE
            self._asked = opening if new else None
            self._news.notify_all()

    def home(self) -> None:
        """Ask for homing: the fingers open fully to learn how far that is, and come back."""
        with self._news:
            self._home = not self._held
            self._news.notify_all()

    @property
    def lost(self) -> bool:
        """Whether only a new connection helps."""
        return not self._thread.is_alive()

    @property
    def is_idle(self) -> bool:
        """Whether all that was asked for has ended."""
        with self._news:
            return not (self._order or self._home or self._asked is not None)

    def hold(self, *, hard: bool) -> None:
        """Begin nothing until `release`. What holds an object goes on holding it; a hard stop breaks off fingers."""
        with self._news:
            self._asked, self._home, self._sent, self._held = None, False, None, True
            order = self._order
        if hard and order is not None:
            order.give(_ENDING)
            threading.Thread(target=self._break_off, name="franky hand stop", daemon=True).start()

    def release(self) -> None:
        """Take openings again."""
        with self._news:
            self._held = False

    def close(self) -> None:
        """End the thread."""
        with self._news:
            self._closing = True
            if self._order is not None:
                self._order.give(_ENDING)
            self._news.notify_all()
        self._thread.join(2 * _ENDING)

    def _run(self) -> None:
        try:
            while not self._closing:
                self._turn()
        except Exception as error:  # noqa: BLE001  franky raises bare RuntimeErrors too; the driver tells of it
            _log.warning("the gripper: %s", error)
            self._on_fault(error)
        if self._order is not None:
            self._order.abandon(self._gripper)
        self._gripper = self._order = None

    def _turn(self) -> None:
        with self._news:
            self._news.wait_for(self._is_due, _PERIOD)
            if self._home:
                self._home = False
                self._order = HandOrder.homing(self._gripper)
            elif self._asked is not None:
                self._sent, self._asked = self._asked, None
                self._order = HandOrder.opening(self._gripper, self._sent, self._opening)
        if self._order is not None:
            self._await(self._order)
        self._opening = self._measure()

    def _await(self, order: HandOrder) -> None:
        while not order.has_ended(_PERIOD):
            self._opening = self._measure()
        self._order = None
        order.expect_done()

    def _is_due(self) -> bool:
        return self._closing or self._home or self._asked is not None

    def _measure(self) -> float:
        return min(max(float(self._gripper.state.width) / OPENING, 0.0), 1.0)

    def _break_off(self) -> None:
        try:
            self._gripper.stop()
        except Exception as error:  # noqa: BLE001  a stop never raises
            _log.warning("the gripper could not be stopped: %s", error)

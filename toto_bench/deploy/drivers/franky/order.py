"""A command to the Franka Hand that is under way."""

import ctypes
import time
from typing import Any, Self

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.franky.faults import is_lost
from toto_bench.deploy.kinematics import OPENING

_SPEED = 0.1
"""m/s that the opening changes by (data sheet of the Franka Hand: 0.05 m/s for each finger)."""
_FORCE = 30.0
"""N of a grasp; the hand can do 70 (data sheet)."""
_ANSWER = 30.0
"""s after which a command that did not end counts as hung."""


class HandOrder:
    """Belongs to the hand's thread; any thread may give it less time."""

    def __init__(self, future: Any, what: str) -> None:
        """It has just begun.

        Args:
            future: a `franky.BoolFuture`.
            what: the gripper was asked to do, for messages.
        """
        self._future, self._what = future, what
        self._end = time.monotonic() + _ANSWER
        self._unwanted = False

    @classmethod
    def homing(cls, gripper: Any) -> Self:
        """The fingers open fully, and come back."""
        return cls(gripper.homing_async(), "be homed")

    @classmethod
    def opening(cls, gripper: Any, asked: float, measured: float) -> Self:
        """Opening is a movement; closing a grasp, which ends with a force when something is between the fingers."""
        width, what = float(asked) * OPENING, f"go to {asked:.2f} of its opening"
        if asked >= measured:
            return cls(gripper.move_async(width, _SPEED), what)
        return cls(gripper.grasp_async(width, _SPEED, _FORCE, OPENING, OPENING), what)

    def give(self, seconds: float) -> None:
        """So much more time, and no complaint about how it ends: nobody wants it any more."""
        self._unwanted = True
        self._end = min(self._end, time.monotonic() + seconds)

    def has_ended(self, timeout: float) -> bool:
        """Wait a little.

        Raises:
            RobotFault: it has had all its time.
        """
        if self._future.wait(timeout):
            return True
        if time.monotonic() > self._end:
            raise RobotFault(f"The gripper did not {self._what}, and hangs. Look at its power and cable.")
        return False

    def expect_done(self) -> None:
        """Pass a command that ended well, or that nobody wants any more.

        Raises:
            RobotFault: it ended otherwise.
        """
        try:
            done = self._future.get()
        except Exception as error:
            if is_lost(error) or not self._unwanted:
                raise
            return
        if not (done or self._unwanted):
            raise RobotFault(f"The gripper did not {self._what}. Free its fingers, and home it in Desk.")

    def abandon(self, gripper: Any) -> None:
        """Never let go of a gripper whose command did not end: its destructor would wait with all of Python."""
        if not self._future.wait(0.0):
            for thing in (gripper, self._future):
                ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))

"""The one thread that talks to the arm: it reads, sends and stops, so that no caller ever waits for the network."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.franky.brakes import Brakes
from toto_bench.deploy.drivers.franky.faults import LOOK, NOT_READY, fault_of, is_preempted
from toto_bench.deploy.drivers.franky.motion import Target, aim, clear_errors, expect_drivable
from toto_bench.deploy.drivers.franky.reading import reading_of
from toto_bench.deploy.drivers.franky.standing import Standing
from toto_bench.deploy.drivers.franky.watch import Watch
from toto_bench.deploy.types import RobotState

_log = logging.getLogger(__name__)
_PERIOD = 0.005
"""s between two readings."""
_FROZEN = 0.5
"""s without a tick of the robot's clock after which nothing is waited for any more."""
_ANSWER = 10.0
"""s that a recovery may take."""
_ENDING = 3.0
"""s that the thread is waited for, which may hang in a call that the robot does not answer."""


class Link:
    """A connected arm. Callers hand over and look; the thread alone calls franky, but for breaking a motion off."""

    def __init__(self, franky: Any, robot: Any, opening: Callable[[], float]) -> None:
        """Take a first reading and start.

        Args:
            franky: the module.
            robot: a connected `franky.Robot`.
            opening: of the gripper, as measured.

        Raises:
            RobotFault: the robot tells nothing.
        """
        self._franky, self._robot, self._opening = franky, robot, opening
        self._news = threading.Condition()
        self._standing = Standing()
        self._brakes = Brakes(franky, robot, self.fail)
        self._target: Target | None = None
        self._recovery: Future[None] | None = None
        self._stops_before = 0
        self._in_control = self._closing = False
        try:
            self._watch = Watch(self._measure())
        except Exception as error:
            raise fault_of(error) from error
        self._thread = threading.Thread(target=self._run, name="franky arm", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> bool:
        """Whether only a new connection helps."""
        return not self._thread.is_alive()

    @property
    def in_control(self) -> bool:
        """Whether a motion is on, or about to be."""
        with self._news:
            return self._in_control or self._target is not None

    @property
    def stands(self) -> bool:
        """Whether no joint moves, nor is about to."""
        with self._news:
            return self._watch.stands and self._target is None

    def expect_ready(self) -> None:
        """Pass an arm that takes targets.

        Raises:
            RobotFault: it was stopped, or stopped by itself.
        """
        with self._news:
            self._standing.expect_ready()

    def state(self) -> RobotState:
        """The newest reading; its clock stands still where the robot's does.

        Raises:
            RobotFault: the robot stopped by itself.
        """
        with self._news:
            self._standing.expect_sound()
            return self._watch.state

    def send(self, target: Target) -> None:
        """Hand a target over; it takes the place of one that was not sent yet.

        Raises:
            RobotFault: the arm was stopped, stopped by itself, or is in a mode in which it takes no targets.
        """
        with self._news:
            self._standing.expect_ready()
            expect_drivable(self._watch.state.mode)
            self._target = target
            self._watch.begin_motion()
            self._news.notify_all()

    def stop(self, reason: str) -> bool:
        """Brake smoothly; called again while the arm moves, break the motion off. Whether that was done."""
        with self._news:
            again = self._standing.stop(reason, time.monotonic())
            self._target = None
            self._news.notify_all()
            if not again or self._brakes.hard or self.lost or not self._in_control:
                return False
            self._brakes.break_off()
        return True

    def fail(self, error: BaseException) -> None:
        """Stop for something that went wrong."""
        with self._news:
            if not (self._brakes.hard and is_preempted(error)):
                self._standing.fail(error, time.monotonic())
            self._target = None
            self._news.notify_all()

    def at_rest(self, timeout: float) -> bool:
        """Wait until no joint moves and nothing is on its way."""
        since = time.monotonic()
        with self._news:
            self._news.wait_for(lambda: self.lost or self._rests(since), timeout)
            return not self.lost and self._rests(since)

    def recover(self) -> None:
        """Clear the robot's errors and take targets again.

        Raises:
            RobotFault: the robot is not ready, or does not answer.
        """
        with self._news:
            recovery = self._recovery = Future()
            self._stops_before = self._standing.stops
            self._news.notify_all()
        try:
            recovery.result(_ANSWER)
        except TimeoutError as error:
            raise RobotFault(f"The robot does not answer. {NOT_READY}") from error

    def close(self) -> None:
        """End the thread and let go of the robot, which ends the connection."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        self._thread.join(_ENDING)

    def _rests(self, since: float) -> bool:
        on = self._in_control and not self._standing.ready
        return not on and self._target is None and self._watch.stands and self._watch.state.received >= since

    def _run(self) -> None:
        while not (self._closing or self._standing.lost):
            with self._news:
                self._news.wait_for(self._is_due, _PERIOD)
            try:
                self._turn()
            except Exception as error:  # noqa: BLE001  franky raises bare RuntimeErrors too; the next call tells of it
                _log.info("the arm stops: %s", error)
                self.fail(error)
        self._robot = self._brakes.robot = None

    def _is_due(self) -> bool:
        return self._closing or self._target is not None or self._recovery is not None

    def _turn(self) -> None:
        self._robot.poll_motion()
        with self._news:
            ready = self._standing.ready
            target, self._target = self._target, None
            recovery, self._recovery = self._recovery, None
            self._in_control = self._in_control or target is not None
        if recovery is not None:
            self._recover(recovery)
        elif target is not None and ready:
            self._brakes.release()
            aim(self._franky, self._robot, target)
        elif not ready and self._robot.is_in_control:
            self._brakes.apply(self._watch.state.clock)
        if errors := self._read().errors:
            self.fail(RobotFault(f"The robot reports {', '.join(errors)}. {NOT_READY}"))
        frozen = time.monotonic() - self._watch.state.received
        if frozen > _FROZEN and not self._brakes.hard:
            self._brakes.break_off()
            self.fail(RobotFault(f"The robot's clock has stood still for {frozen:.1f} s. {LOOK}"))

    def _read(self) -> RobotState:
        state, in_control = self._measure(), bool(self._robot.is_in_control)
        with self._news:
            self._in_control = in_control
            if self._watch.take(state):
                self._news.notify_all()
        return state

    def _measure(self) -> RobotState:
        return reading_of(self._robot.state, self._opening(), time.monotonic())

    def _recover(self, recovery: "Future[None]") -> None:
        try:
            clear_errors(self._robot, self._read)
        except Exception as error:  # told to the person who asked
            recovery.set_exception(fault_of(error))
            if not isinstance(error, RobotFault):
                raise
        else:
            with self._news:
                stopped = self._standing.stops != self._stops_before
                if not stopped:
                    self._standing.recover()
                    self._brakes.release()
            if stopped:
                recovery.set_exception(RobotFault("The arm was stopped while it was made ready again."))
            else:
                recovery.set_result(None)

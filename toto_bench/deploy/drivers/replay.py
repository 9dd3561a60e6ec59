"""A recorded trial in the place of an arm: the same readings again, and commands held against those of the record."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, Self

import numpy as np

from toto_bench.deploy.clock import Clock
from toto_bench.deploy.driver import RobotFault, RobotInfo
from toto_bench.deploy.drivers.latch import Latch
from toto_bench.deploy.drivers.waiting import TICK, problem_of
from toto_bench.deploy.limits import Vector
from toto_bench.deploy.runner.ticks import Tick, read_ticks
from toto_bench.deploy.types import Command, RobotMode, RobotState
from toto_bench.errors import RequestError

TOLERANCE = 1e-6
"""rad, or of an opening, by which a command may differ from the recorded one."""
_START = 0.02
"""rad between a start pose and the first reading of a record."""
_STANDING = 0.01
"""rad/s, under which a recorded joint is taken to stand."""


class ReplayDriver:
    """A `RobotDriver` that moves nothing. Each `act` is one step of the record; the clock is the caller's."""

    def __init__(self, ticks: Sequence[Tick], clock: Clock, *, tolerance: float = TOLERANCE) -> None:
        """Begin at the first step; ticks in which nothing was sent are left out.

        Args:
            ticks: of a trial (`read_ticks`).
            clock: of the run.
            tolerance: by how much commands may differ.

        Raises:
            RequestError: nothing was sent in them.
        """
        self._ticks = [tick for tick in ticks if tick.command is not None]
        if not self._ticks:
            raise RequestError(
                "There is nothing to replay: no command was sent in this trial. Give another log."
            )
        self._clock, self._tolerance = clock, tolerance
        self._latch = Latch("The record")
        self._place, self._started = 0, 0.0

    @classmethod
    def read(cls, path: Path, clock: Clock) -> Self:
        """Of a log on disk.

        Raises:
            JournalError: it cannot be read, or is damaged.
            RequestError: nothing was sent in it.
        """
        return cls(read_ticks(path), clock)

    @property
    def left(self) -> int:
        """Steps of the record that were not repeated yet."""
        return len(self._ticks) - self._place

    def info(self) -> RobotInfo:
        """A record."""
        return RobotInfo("replay", "fr3", True, {})

    def connect(self) -> None:
        """Begin; a second call does nothing."""
        if not self._latch.connected:
            self._started = self._clock.now()
            self._latch.connect()

    def observe(self) -> RobotState:
        """The recorded reading of this step, stamped with now.

        Raises:
            RobotFault: not connected.
        """
        self._latch.expect_connected()
        tick = self._ticks[min(self._place, len(self._ticks) - 1)]
        dq = np.array(tick.dq) if self._latch.reason is None else np.zeros(len(tick.q))
        mode = RobotMode(tick.mode) if tick.mode else RobotMode.IDLE
        now = self._clock.now()
        opening = 0.0 if tick.gripper is None else tick.gripper
        return RobotState(np.array(tick.q), dq, opening, now - self._started, now, mode, tick.errors)

    def act(self, command: Command) -> None:
        """Go on to the next step.

        Raises:
            RobotFault: the command is not the recorded one, the record is over, or it was stopped.
        """
        self._latch.expect_ready()
        if (problem := problem_of(command)) is not None:
            self._give_up(f"A command cannot be followed: {problem}.")
        if self.left == 0:
            self._give_up(f"The record is over after {len(self._ticks)} commands.")
        tick = self._ticks[self._place]
        away = float(np.abs(np.asarray(command.q) - np.array(tick.sent)).max())
        if not away <= self._tolerance:
            self._give_up(
                f"Command {self._place} is {away:.2g} rad from the recorded one (tick {tick.number} of the log)."
            )
        if not self._same(command.gripper, tick.sent_gripper):
            self._give_up(
                f"Command {self._place} asks for the opening {command.gripper}, the recorded one for "
                f"{tick.sent_gripper}."
            )
        self._place += 1

    def stop(self, reason: str) -> None:
        """Take no more commands."""
        self._latch.stop(reason)

    def at_rest(self, timeout: float) -> bool:
        """Nothing ever moves; False where there is no record to tell."""
        del timeout
        return self._latch.connected and (self._latch.reason is not None or not self._moves())

    def reset(self, q: Vector, *, gripper: float = 1.0, interrupted: Callable[[], bool]) -> None:
        """Begin the record anew.

        Raises:
            RobotFault: it starts elsewhere, or somebody interrupted.
        """
        del gripper
        self._latch.expect_ready()
        if interrupted():
            self._give_up("The way to the start pose was interrupted.")
        self._clock.sleep_until(self._clock.now() + TICK)
        self._latch.expect_ready()
        away = float(np.abs(np.asarray(q) - np.array(self._ticks[0].q)).max())
        if not away <= _START:
            self._give_up(f"The record starts {away:.3f} rad from this pose: replay it from its own.")
        self._place = 0

    def recover(self) -> None:
        """Take commands again, from this step on.

        Raises:
            RobotFault: not connected.
        """
        self._latch.expect_connected()
        self._latch.reason = None

    def close(self) -> None:
        """Let go."""
        self._latch.connected = False

    def _same(self, asked: float | None, recorded: float | None) -> bool:
        if asked is None or recorded is None:
            return asked is recorded
        return abs(asked - recorded) <= self._tolerance

    def _moves(self) -> bool:
        return bool(np.abs(self.observe().dq).max() > _STANDING)

    def _give_up(self, message: str) -> NoReturn:
        self.stop(message)
        raise RobotFault(message)

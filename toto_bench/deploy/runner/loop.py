"""One trial: tick after tick until something ends it."""

from collections.abc import Callable, Mapping
from typing import Any

from toto_bench.deploy.cameras.base import Frame
from toto_bench.deploy.clock import Clock
from toto_bench.deploy.commands import command_of
from toto_bench.deploy.driver import RobotDriver
from toto_bench.deploy.guard import Counts, SafetyGuard
from toto_bench.deploy.remote.identity import Acting
from toto_bench.deploy.runner.chunks import Plan
from toto_bench.deploy.runner.ending import Cause
from toto_bench.deploy.runner.latency import Latencies
from toto_bench.deploy.runner.record import Recorder
from toto_bench.deploy.runner.senses import Look, Senses
from toto_bench.deploy.runner.settings import RunnerSettings
from toto_bench.deploy.runner.ticks import Tick, of_action, of_command, of_moment, of_passed
from toto_bench.deploy.runner.verdict import Stop
from toto_bench.deploy.signals import StopSignals
from toto_bench.deploy.types import Command
from toto_bench.deploy.watchdog import Watchdog

_ROUNDING = 1e-6


class Loop:
    """Everything that one trial remembers. Whatever leaves `run` by an exception, the caller stops the arm."""

    def __init__(
        self,
        driver: RobotDriver,
        senses: Senses,
        policy: Acting,
        guard: SafetyGuard,
        *,
        clock: Clock,
        settings: RunnerSettings,
        moves: bool = True,
    ) -> None:
        """Put the parts of one trial together; guard and senses are used for no other.

        Args:
            driver: of the arm.
            senses: looks.
            policy: decides.
            guard: judges.
            clock: the driver's.
            settings: of the loop.
            moves: whether the arm goes where it is sent; else what was sent last counts for nothing.
        """
        self._moves = moves
        self._driver, self._senses, self._policy, self._guard = driver, senses, policy, guard
        self._clock, self._settings = clock, settings
        self._period = 1.0 / policy.spec.rate_hz
        self._plan = Plan(policy.spec, settings.horizon)
        self._last: Command | None = None
        self._frames: Mapping[str, Frame] = {}
        self._fields: dict[str, Any] = {}
        self.latencies = Latencies(clock)
        self.ticks = self.sent = self.missed = 0
        self.seconds = 0.0
        """From the first tick to the end of the last one."""
        self.watchdog = Watchdog(driver.stop, settings.watchdog_periods * self._period, clock)

    @property
    def dropped(self) -> int:
        """Actions whose moment passed before they could be sent."""
        return self._plan.dropped

    @property
    def counts(self) -> Counts:
        """How often the guard changed commands."""
        return self._guard.counts

    def run(self, recorder: Recorder, signals: StopSignals, finished: Callable[[], bool]) -> None:
        """Go on until something is raised.

        Raises:
            Stop: an end that somebody asked for, missed deadlines, the watchdog, or a full disk.
            GuardTrip: the guard's; also its limits of time and steps.
            Exception: whatever robot, cameras and policy raise; `latencies.stage` says who.
        """
        self.latencies.stage = "policy"
        self._policy.reset()
        begin = due = self._clock.now()
        in_a_row = 0
        self.watchdog.start()
        while True:
            self._expect_wanted(recorder, signals, finished)
            self.watchdog.feed()
            try:
                sent = self._tick(due)
                due += self._period
                late = self._clock.now() > due + _ROUNDING
                missed = late or not sent
                self._fields["missed"] = missed
            finally:
                self._write(recorder)
                self.seconds = max(self._clock.now() - begin, 0.0)
            self.missed += missed
            in_a_row = in_a_row + 1 if missed else 0
            if in_a_row >= self._settings.misses_in_a_row:
                raise Stop(
                    Cause.LATE,
                    f"{in_a_row} deadlines in a row were missed: the policy, a camera or the robot is too slow for "
                    f"{1 / self._period:g} commands per second.",
                )
            due = self._clock.now() if late else due
            self._clock.sleep_until(due)

    def _expect_wanted(self, recorder: Recorder, signals: StopSignals, finished: Callable[[], bool]) -> None:
        if signals.requested is not None:
            interrupted = signals.requested.name == "SIGINT"
            cause = Cause.OPERATOR if interrupted else Cause.TERMINATED
            raise Stop(cause, f"Somebody stopped the trial ({signals.requested.name}).")
        if self.watchdog.fired is not None:
            raise Stop(Cause.WATCHDOG, self.watchdog.fired)
        if recorder.problem is not None:
            raise Stop(Cause.DISK, recorder.problem)
        if finished():
            raise Stop(Cause.DONE, "The task was done.")

    def _tick(self, due: float) -> bool:
        """Look, decide, check, send; whether something was sent in time. Where not, the arm holds its last target."""
        self._fields, self._frames = {"number": self.ticks, "time": due}, {}
        self.latencies.tick()
        self._fields["time"] = self._clock.now()
        self.ticks += 1
        look = self._senses.look(self.latencies)
        self._frames = look.frames
        self._fields |= of_moment(look.moment)
        action = self._action(look, due + self._period)
        if action is None:
            return False
        self._fields |= of_action(action)
        with self.latencies.time("guard"):
            command = command_of(action, self._policy.spec.action, look.moment.robot, self._last)
            self._fields |= of_command(command)
            passed = self._guard.check(look.moment, command, self._clock.now())
        with self.latencies.time("act"):
            self._driver.act(passed.command)
        self._fields |= of_passed(passed)
        self._last = passed.command if self._moves else None
        self.sent += 1
        return True

    def _action(self, look: Look, deadline: float) -> Any:
        """The planned action for this moment, or a new plan's; None where it came too late."""
        moment = look.observation.time
        if (action := self._plan.take(moment)) is not None:
            return action
        with self.latencies.time("policy"):
            self._plan.put(self._policy.act(look.observation), self._clock.now())
        return None if self._clock.now() > deadline + _ROUNDING else self._plan.take(moment)

    def _write(self, recorder: Recorder) -> None:
        recorder.tick(Tick(**self._fields, seconds=dict(self.latencies.last)), self._frames)

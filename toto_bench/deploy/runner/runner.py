"""Runs a policy on an arm: warm-up, dry run, trials. Every way out of it stops the arm."""

from collections.abc import Callable, Mapping

from toto_bench.deploy.cameras.base import Camera
from toto_bench.deploy.clock import Clock
from toto_bench.deploy.commands import expect_drivable
from toto_bench.deploy.driver import RobotDriver
from toto_bench.deploy.guard import GuardSettings, SafetyGuard
from toto_bench.deploy.remote.identity import Acting
from toto_bench.deploy.runner.conclude import came_to_rest, conclude, halt
from toto_bench.deploy.runner.dry import Spectator
from toto_bench.deploy.runner.ending import DryRun, Ending
from toto_bench.deploy.runner.loop import Loop
from toto_bench.deploy.runner.record import NoRecorder, Recorder
from toto_bench.deploy.runner.senses import Senses
from toto_bench.deploy.runner.settings import RunnerSettings
from toto_bench.deploy.runner.warmup import WarmUp, warm_up
from toto_bench.deploy.signals import StopSignals


def never() -> bool:
    """Nobody says that the task is done."""
    return False


class PolicyRunner:
    """A policy, an arm and cameras. The driver is connected and the cameras are open.

    ```python
    runner = PolicyRunner(driver, cameras, policy, guard, clock)
    runner.warm_up()
    ending = runner.run(TickLog(path))
    ```
    """

    def __init__(
        self,
        driver: RobotDriver,
        cameras: Mapping[str, Camera],
        policy: Acting,
        guard: GuardSettings,
        clock: Clock,
        *,
        settings: RunnerSettings | None = None,
    ) -> None:
        """Put the parts together; nothing moves.

        Args:
            driver: of the arm.
            cameras: by the names that the policy uses; others are not looked at.
            policy: local, or remote.
            guard: thresholds; its rate and cameras are the policy's (`GuardSettings.for_policy`).
            clock: the driver's.
            settings: of the loop.

        Raises:
            RequestError: the policy is not for this arm, or a camera is missing.
            ValueError: the guard is set for another rate, or for other cameras.
        """
        expect_drivable(policy.spec.action)
        names = tuple(camera.name for camera in policy.spec.cameras)
        if guard.rate_hz != policy.spec.rate_hz or guard.cameras != names:
            raise ValueError("The guard is not set for this policy: use `GuardSettings.for_policy`.")
        self._driver, self._cameras, self._policy = driver, dict(cameras), policy
        self._guard, self._clock = guard, clock
        self._settings = settings or RunnerSettings()
        self._senses(driver)

    def warm_up(self) -> WarmUp:
        """Have the policy decide on what is seen now, several times; nothing moves.

        Raises:
            PolicyTooSlowError: it takes too much of the time that there is.
            RobotFault: the driver's, as cameras and policy raise theirs.
        """
        return warm_up(self._senses(self._driver), self._policy, self._guard, self._clock, self._settings)

    def run(
        self,
        recorder: Recorder | None = None,
        *,
        signals: StopSignals | None = None,
        finished: Callable[[], bool] = never,
    ) -> Ending:
        """A trial, from where the arm stands. `Recorder.begin` has been called, or nothing is kept.

        Args:
            recorder: is told every tick, and that it is over.
            signals: requests to stop, if somebody else listens to them already.
            finished: asked every tick; True ends the trial as completed.

        Returns:
            How it ended. Nothing is raised by what goes wrong, and nothing is tried again; the arm is told to stop in
            every case, before anything is written.
        """
        if signals is None:
            with self.stop_signals() as own:
                return self.run(recorder, signals=own, finished=finished)
        return self._run(self._driver, recorder or NoRecorder(), signals, finished)

    def dry_run(self, seconds: float = 5.0, *, signals: StopSignals | None = None) -> DryRun:
        """What the policy would do to an arm that stands: everything but `act`."""
        if signals is None:
            with self.stop_signals() as own:
                return self.dry_run(seconds, signals=own)
        end = self._clock.now() + seconds
        spectator = Spectator(self._driver)
        ending = self._run(spectator, NoRecorder(), signals, lambda: self._clock.now() >= end)
        return DryRun(ending, *spectator.changes())

    def stop_signals(self) -> StopSignals:
        """Not yet listening; they stop this arm."""
        return StopSignals(self._driver.stop)

    def _senses(self, driver: RobotDriver) -> Senses:
        return Senses(
            driver, self._cameras, self._policy.spec, self._clock, camera_age=self._guard.camera_age
        )

    def _run(
        self, driver: RobotDriver, recorder: Recorder, signals: StopSignals, finished: Callable[[], bool]
    ) -> Ending:
        loop: Loop | None = None
        error: BaseException | None = None
        try:
            loop = Loop(
                driver,
                self._senses(driver),
                self._policy,
                SafetyGuard(self._guard),
                clock=self._clock,
                settings=self._settings,
                moves=driver is self._driver,
            )
            with signals.breaking():
                loop.run(recorder, signals, finished)
        except BaseException as caught:  # noqa: BLE001 - whatever it is, the arm stops and the trial is recorded
            error = caught
        finally:
            halt(driver, loop, error)
        rests = came_to_rest(driver, self._settings.rest)
        return conclude(loop, error, recorder, rests=rests)

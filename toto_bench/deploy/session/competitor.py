"""A policy that takes part in the trials: warmed up, tried on an arm that stands, and slowly on one that moves."""

from collections.abc import Callable
from dataclasses import dataclass

from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.limits import WorkingLimits
from toto_bench.deploy.remote import Acting
from toto_bench.deploy.runner import DryRun, Ending, PolicyRunner, RunnerSettings, WarmUp
from toto_bench.deploy.session.facts import PolicyFacts
from toto_bench.deploy.session.policy_wrappers import SlowPolicy
from toto_bench.deploy.session.station import Station

SLOW = 0.5
"""Share of the working speed at which a policy is first let at a real arm."""
SLOW_SECONDS = 15.0
"""s of that."""
_MANY = 1_000_000


@dataclass(frozen=True, eq=False)
class Competitor:
    """One policy of a plan, at an open station."""

    name: str
    policy: Acting
    facts: PolicyFacts
    station: Station
    guard: GuardSettings
    settings: RunnerSettings

    @property
    def runner(self) -> PolicyRunner:
        """Runs it at full working speed."""
        station = self.station
        return PolicyRunner(
            station.driver, station.cameras, self.policy, self.guard, station.clock, settings=self.settings
        )

    def warm_up(self) -> WarmUp:
        """See whether it is quick enough; nothing moves.

        Raises:
            PolicyTooSlowError: it is not.
        """
        return self.runner.warm_up()

    def dry_run(self, seconds: float) -> DryRun:
        """See what it would do; nothing moves."""
        return self.runner.dry_run(seconds)

    def run_slowly(self, finished: Callable[[], bool]) -> Ending:
        """Let it move the arm at half the speed, for a while; no trial, and never counted."""
        limits = self.guard.limits
        slow = WorkingLimits(
            speed_factor=SLOW * limits.speed_factor, position=limits.position, collision=limits.collision
        )
        guard = self.guard.model_copy(
            update={
                "limits": slow,
                "seconds": SLOW_SECONDS,
                "clips_in_a_row": _MANY,
                "jump": self.guard.jump / SLOW,
            }
        )
        station, policy = self.station, SlowPolicy(self.policy, SLOW)
        runner = PolicyRunner(
            station.driver, station.cameras, policy, guard, station.clock, settings=self.settings
        )
        return runner.run(finished=finished)


def words_of(dry: DryRun) -> str:
    """What a policy would have done, in a line."""
    joint, ending = int(dry.largest.argmax()), dry.ending
    end = "nothing would have stopped it" if ending.outcome == "completed" else ending.message
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in ending.guard.items())
    return (
        f"largest step {dry.largest[joint]:.4f} rad (joint {joint + 1}), mean steps "
        + " ".join(f"{value:.4f}" for value in dry.mean)
        + f" rad; commands: {counts}; {end}"
    )

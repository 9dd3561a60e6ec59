"""Whether a policy is quick enough, found out before anything moves."""

from dataclasses import dataclass

from toto_bench.deploy.clock import Clock
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.remote.identity import Acting
from toto_bench.deploy.runner.chunks import Plan
from toto_bench.deploy.runner.latency import PERCENTILES, Latencies
from toto_bench.deploy.runner.senses import Senses
from toto_bench.deploy.runner.settings import RunnerSettings
from toto_bench.errors import RequestError

_FIRST = 2
"""Inferences that are not counted: compilers and caches work in them."""


class PolicyTooSlowError(RequestError):
    """A policy needs longer than the rate at which it was trained to act leaves it."""


@dataclass(frozen=True)
class WarmUp:
    """How long inference took."""

    latency: dict[str, float]
    """Percentiles, s."""
    budget: float
    """What it may take, s."""


def warm_up(
    senses: Senses, policy: Acting, guard: GuardSettings, clock: Clock, settings: RunnerSettings
) -> WarmUp:
    """Decide on what is seen now, `settings.warm_up` times.

    The time that there is: a period, and what the guard allows between reading the robot and checking the command.

    Raises:
        PolicyTooSlowError: the 99th percentile is over `settings.share` of it.
        GuardTrip: the policy answers no chunk of its actions.
    """
    latencies = Latencies(clock)
    policy.reset()
    for number in range(_FIRST + settings.warm_up):
        look = senses.look(Latencies(clock))
        with (latencies if number >= _FIRST else Latencies(clock)).time("policy"):
            chunk = policy.act(look.observation)
        Plan(policy.spec).put(chunk, clock.now())
    policy.reset()
    budget = settings.share * min(1 / guard.rate_hz, guard.robot_age, guard.camera_age)
    slowest = latencies.percentile("policy", max(PERCENTILES))
    if not slowest <= budget:
        raise PolicyTooSlowError(
            f"The policy takes {1000 * slowest:.0f} ms (99th percentile of {settings.warm_up} inferences), and may "
            f"take {1000 * budget:.0f} ms: it acts {guard.rate_hz:g} times a second, and the guard refuses older "
            "readings. Run it on a faster device (`toto-bench robot serve` on another computer), or use a smaller "
            "backbone."
        )
    return WarmUp(latencies.summary(), budget)

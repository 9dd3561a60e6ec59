"""Successes of each backbone."""

from collections.abc import Mapping
from dataclasses import dataclass

from toto_bench.deploy.trials.plan import TrialPlan
from toto_bench.deploy.trials.standing import Standing
from toto_bench.results.intervals import Share, wilson
from toto_bench.results.statistics import FEWEST_UNITS


@dataclass(frozen=True)
class Tally:
    """Of one backbone."""

    backbone: str
    successes: int
    count: int
    """Trials that count."""
    aborted: int = 0
    """Of all its trials; whether they count is the plan's decision."""
    pending: int = 0
    """Trials that were not run, or wait for a label."""

    @property
    def share(self) -> float | None:
        """Of successes, in [0, 1]; None without a trial."""
        return self.successes / self.count if self.count else None

    @property
    def interval(self) -> Share | None:
        """95 % Wilson interval; None with too few trials."""
        return wilson(self.successes, self.count) if self.count >= FEWEST_UNITS else None

    def __str__(self) -> str:
        """In words: successes, trials, per cent and interval."""
        if self.share is None:
            return f"`{self.backbone}` has no trials"
        inside = f"{100 * self.share:.1f} %"
        if self.interval is not None:
            inside += f", 95 % interval {100 * self.interval.low:.1f}-{100 * self.interval.high:.1f} %"
        return f"`{self.backbone}` succeeds in {self.successes} of {self.count} trials ({inside})"


def outcomes(plan: TrialPlan, found: Mapping[int, Standing], backbone: str) -> dict[int, bool]:
    """Success by start pose, of the trials that count."""
    results = {}
    for standing in found.values():
        if standing.trial.backbone != backbone:
            continue
        if standing.label is not None:
            results[standing.trial.pose] = standing.label.success
        elif standing.is_aborted and plan.aborted == "failure":
            results[standing.trial.pose] = False
    return results


def tally(plan: TrialPlan, found: Mapping[int, Standing], backbone: str) -> Tally:
    """Count a backbone's trials as the plan says."""
    own = [standing for standing in found.values() if standing.trial.backbone == backbone]
    counted = outcomes(plan, found, backbone)
    return Tally(
        backbone=backbone,
        successes=sum(counted.values()),
        count=len(counted),
        aborted=sum(standing.is_aborted for standing in own),
        pending=sum(not standing.is_aborted and standing.label is None for standing in own),
    )

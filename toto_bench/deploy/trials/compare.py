"""Whether the trials can tell two backbones apart, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass

from toto_bench.deploy.trials.plan import TrialPlan
from toto_bench.deploy.trials.standing import Standing
from toto_bench.deploy.trials.statistics import ALPHA, fisher_exact, mcnemar_exact, trials_needed
from toto_bench.deploy.trials.tally import Tally, outcomes, tally


@dataclass(frozen=True)
class Comparison:
    """Two backbones, and the test that fits how they were tried."""

    first: Tally
    second: Tally
    test: str
    p: float
    """Two-sided."""
    pairs: str = ""
    """What the pairs say, in words; empty without pairs."""

    @property
    def is_difference(self) -> bool:
        """Whether the trials tell the two apart."""
        return self.p < ALPHA

    def __str__(self) -> str:
        """The rates, the verdict, the test, and how many trials would be enough."""
        rates = f"{self.first}, {self.second}."
        evidence = f"{self.pairs}{self.test} gives p = {_shown(self.p)}."
        if self.is_difference:
            return f"{rates} The trials tell them apart: {evidence}"
        return f"{rates} The trials cannot tell them apart: {evidence}{self._enough()}"

    def _enough(self) -> str:
        if self.first.share is None or self.second.share is None:
            return ""
        needed = trials_needed(self.first.share, self.second.share)
        if needed is None or needed <= max(self.first.count, self.second.count):
            return ""
        return f" About {needed} trials of each would show such a gap four times in five."


def compare_counts(first: Tally, second: Tally) -> Comparison:
    """Two backbones of which only the counts are known, such as a published row: Fisher's exact test."""
    p = fisher_exact(first.successes, first.count, second.successes, second.count)
    return Comparison(first, second, "Fisher's exact test", p)


def compare_paired(plan: TrialPlan, found: Mapping[int, Standing], first: str, second: str) -> Comparison:
    """Two backbones that were tried from the same start poses: the exact McNemar test.

    Poses from which one of the two has no trial that counts are left out of the test, not of the rates.
    """
    one, other = outcomes(plan, found, first), outcomes(plan, found, second)
    shared = sorted(one.keys() & other.keys())
    only_first = sum(one[pose] and not other[pose] for pose in shared)
    only_second = sum(other[pose] and not one[pose] for pose in shared)
    pairs = (
        f"of {len(shared)} shared start poses {only_first} went to `{first}` alone and {only_second} to `{second}` "
        "alone; "
    )
    return Comparison(
        tally(plan, found, first),
        tally(plan, found, second),
        "the exact McNemar test",
        mcnemar_exact(only_first, only_second),
        pairs,
    )


def _shown(p: float) -> str:
    return f"{p:.2f}" if p >= ALPHA else f"{p:.2g}"

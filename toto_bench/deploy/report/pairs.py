"""Every two backbones, tested; with three and more, corrected for the number of tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from toto_bench.deploy.trials import Comparison, Standing, TrialPlan, compare_counts, compare_paired


@dataclass(frozen=True)
class Pair:
    """Two backbones that were tried from the same start poses."""

    paired: Comparison
    """The exact McNemar test: of the start poses that went to one of the two alone."""
    unpaired: Comparison
    """Fisher's exact test: as if the start poses had not been shared."""
    adjusted: float
    """p of the paired test after Holm's correction; the same p where there is one pair."""
    tests: int
    """Pairs that were tested."""

    @property
    def verdict(self) -> Comparison:
        """The paired test with the corrected p: in words, whether the trials tell the two apart."""
        if self.tests == 1:
            return self.paired
        test = f"{self.paired.test}, with Holm's correction for {self.tests} comparisons,"
        return replace(self.paired, test=test, p=self.adjusted)


def all_pairs(plan: TrialPlan, found: Mapping[int, Standing]) -> tuple[Pair, ...]:
    """Every two backbones of a plan of which both have trials that count."""
    paired = [compare_paired(plan, found, *names) for names in combinations(plan.backbones, 2)]
    paired = [each for each in paired if each.first.count and each.second.count]
    adjusted = holm([each.p for each in paired])
    return tuple(
        Pair(each, compare_counts(each.first, each.second), p, len(paired))
        for each, p in zip(paired, adjusted, strict=True)
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values after Holm's step-down correction (Holm 1979), in the order given.

    Rejecting those below 0.05 keeps the chance of any false one below 0.05.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted

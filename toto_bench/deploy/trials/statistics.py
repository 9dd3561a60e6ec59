"""Exact tests for few trials, and how many would be enough."""

import math
from statistics import NormalDist

ALPHA = 0.05
"""p-values below this count as a difference."""
POWER = 0.8
"""Chance to see a difference that is there."""


def fisher_exact(first: int, first_count: int, second: int, second_count: int) -> float:
    """Two-sided p-value of Fisher's exact test for two shares of unpaired trials.

    Tables as unlikely as the one at hand, or less likely, count; they are compared as integers.

    >>> round(fisher_exact(12, 16, 10, 16), 2)
    0.7

    Args:
        first: successes of the first.
        first_count: its trials.
        second: successes of the second.
        second_count: its trials.
    """
    if not (0 <= first <= first_count and 0 <= second <= second_count):
        raise ValueError(f"{first} of {first_count} and {second} of {second_count} successes")
    wins = first + second
    weights = [
        math.comb(first_count, taken) * math.comb(second_count, wins - taken)
        for taken in range(max(0, wins - second_count), min(first_count, wins) + 1)
    ]
    seen = math.comb(first_count, first) * math.comb(second_count, second)
    return sum(weight for weight in weights if weight <= seen) / sum(weights)


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Two-sided p-value of the exact McNemar test (a sign test) for paired trials.

    >>> mcnemar_exact(6, 0)
    0.03125

    Args:
        only_first: pairs in which only the first succeeded.
        only_second: pairs in which only the second did; pairs that agree say nothing.
    """
    if only_first < 0 or only_second < 0:
        raise ValueError(f"{only_first} and {only_second} pairs")
    count = only_first + only_second
    tail = sum(math.comb(count, wins) for wins in range(min(only_first, only_second) + 1))
    return min(1.0, tail / (1 << count) * 2)


def trials_needed(first: float, second: float, *, alpha: float = ALPHA, power: float = POWER) -> int | None:
    """Unpaired trials of each that would show such a gap with this power; None where there is no gap.

    Normal approximation with pooled variance under equality (Fleiss, Statistical Methods for Rates and Proportions).

    >>> trials_needed(0.75, 0.625)
    215

    Args:
        first: share of successes, in [0, 1].
        second: that of the other.
        alpha: of the two-sided test.
        power: chance to see it.
    """
    if not (0 <= first <= 1 and 0 <= second <= 1):
        raise ValueError(f"shares of {first} and {second}")
    if first == second:
        return None
    mean = (first + second) / 2
    normal = NormalDist()
    equal = normal.inv_cdf(1 - alpha / 2) * math.sqrt(2 * mean * (1 - mean))
    apart = normal.inv_cdf(power) * math.sqrt(first * (1 - first) + second * (1 - second))
    return math.ceil(((equal + apart) / (first - second)) ** 2)

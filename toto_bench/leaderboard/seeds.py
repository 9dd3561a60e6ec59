"""One number from the runs of several seeds."""

import math
import statistics
from collections.abc import Sequence

from toto_bench.leaderboard.rows import Number
from toto_bench.leaderboard.student import t_quantile
from toto_bench.results.record import Metric

CONFIDENCE = 0.95


def over_seeds(metrics: Sequence[Metric | None]) -> Number:
    """Mean of the seeds with Student's 95 % interval; not defined unless every seed has a value.

    One seed, or seeds that agree to the last digit (a task in which nothing is random), keep the interval of the
    first record: the spread between seeds says nothing there. The interval is not clipped to [0, 1].
    """
    there = [metric for metric in metrics if metric is not None]
    values = [value for metric in there if (value := finite(metric.value)) is not None]
    selection = " / ".join(dict.fromkeys(metric.selection for metric in there if metric.selection))
    items = min(metric.n for metric in there)
    if len(values) < len(metrics):
        return Number(None, n=items, selection=selection)
    if len(set(values)) == 1:
        first = there[0]
        return Number(
            values[0], finite(first.low), finite(first.high), first.method or "", n=items, selection=selection
        )
    mean, half = statistics.fmean(values), half_width(values)
    method = f"95 % Student t over {len(values)} seeds"
    return Number(mean, mean - half, mean + half, method, n=items, selection=selection)


def half_width(values: Sequence[float]) -> float:
    """Half of Student's 95 % interval of the mean; at least two values."""
    spread = statistics.stdev(values) / math.sqrt(len(values))
    return t_quantile(CONFIDENCE, len(values) - 1) * spread


def finite(value: float | None) -> float | None:
    """The value, or None where it is not a finite number."""
    return value if value is not None and math.isfinite(value) else None

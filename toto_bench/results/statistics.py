"""Intervals: the bootstrap over a task's natural unit."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
"""Draws of the bootstrap."""
FEWEST_UNITS = 5
"""Below this many units no interval is given."""
_CHUNK = 4_000_000
"""Units drawn at once, so that memory stays the same for 30 videos and for 50,000 images."""


class Interval(NamedTuple):
    """A 95 % interval; NaN where there are too few units."""

    low: float
    high: float


def bootstrap_mean(
    values: NDArray[np.float64], units: NDArray[np.int64], *, seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """95 % percentile interval of the mean over items, drawing whole units with replacement.

    Items of one unit (the objects of one video) are drawn together, because they are not independent.
    NaN values are left out.

    Args:
        values: [N] of each item.
        units: [N] integer label of the unit that each item belongs to.
        seed: of the draws; the same seed gives the same interval.
        resamples: number of draws.
    """
    kept = ~np.isnan(values)
    _, codes = np.unique(units[kept], return_inverse=True)
    count = int(codes.max()) + 1 if codes.size else 0
    if count < FEWEST_UNITS:
        return Interval(float("nan"), float("nan"))
    sums = np.bincount(codes, weights=values[kept], minlength=count).astype(np.float64)
    sizes = np.bincount(codes, minlength=count)
    means = _resampled_means(sums, sizes, np.random.default_rng(seed), resamples)
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(low), float(high))


def describe_bootstrap(unit: str, resamples: int = RESAMPLES) -> str:
    """The name of the method, for the record."""
    return f"95 % percentile bootstrap over the {unit}, {resamples:,} resamples"


def _resampled_means(
    sums: NDArray[np.float64], sizes: NDArray[np.int64], rng: np.random.Generator, resamples: int
) -> NDArray[np.float64]:
    count = len(sums)
    parts = []
    rows = max(1, _CHUNK // count)
    for start in range(0, resamples, rows):
        drawn = rng.integers(0, count, size=(min(rows, resamples - start), count))
        parts.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    return np.concatenate(parts)

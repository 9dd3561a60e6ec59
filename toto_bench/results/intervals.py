"""The interval of a share of successes."""

import math
from typing import NamedTuple

WILSON = "95 % Wilson interval over the episodes"
"""For records."""
_Z = 1.959963984540054
"""97.5 % quantile of the normal distribution."""


class Share(NamedTuple):
    """Ends of an interval."""

    low: float
    high: float


def wilson(successes: int, count: int) -> Share:
    """95 % score interval of a share (Wilson 1927), which also holds for few trials and for shares of 0 and 1.

    >>> [round(end, 4) for end in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    if not 0 <= successes <= count or count == 0:
        raise ValueError(f"{successes} successes of {count}")
    share, square = successes / count, _Z**2
    centre = share + square / (2 * count)
    width = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    scale = 1 + square / count
    return Share(max(0.0, (centre - width) / scale), min(1.0, (centre + width) / scale))

"""Student's t distribution for whole degrees of freedom, without scipy."""

import math
from functools import cache


@cache
def t_quantile(confidence: float, degrees: int) -> float:
    """The t for which a Student variable lies in [-t, t] with this probability.

    Args:
        confidence: probability in (0, 1), for example 0.95.
        degrees: degrees of freedom, at least 1.
    """
    high = 1.0
    while central_probability(high, degrees) < confidence:
        high *= 2
    low = 0.0
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if central_probability(middle, degrees) < confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def central_probability(t: float, degrees: int) -> float:
    """P(|T| <= t), by the finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(degrees))
    squared = math.cos(angle) ** 2
    odd = degrees % 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0
    for step in range(1, degrees // 2 + 1):
        total += term
        term *= squared * (2 * step / (2 * step + 1) if odd else (2 * step - 1) / (2 * step))
    series = math.sin(angle) * total
    return 2 / math.pi * (angle + series) if odd else series

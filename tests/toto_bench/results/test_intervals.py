"""Intervals of shares of successes."""

import numpy as np
import pytest

from toto_bench.results.intervals import wilson


def test_wilson_interval_of_known_shares() -> None:
    """Newcombe 1998, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    known = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (wins, count), ends in known.items():
        np.testing.assert_allclose(wilson(wins, count), ends, atol=6e-5)
    with pytest.raises(ValueError, match="3 successes of 2"):
        wilson(3, 2)

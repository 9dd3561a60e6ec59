"""The exact tests against scipy's, and the numbers of the paper's table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from scipy.stats import fisher_exact as scipys

from toto_bench.deploy.trials import fisher_exact, mcnemar_exact, trials_needed
from toto_bench.results.intervals import wilson

COUNTS = st.integers(1, 40)


def test_the_papers_trials_cannot_be_told_apart() -> None:
    """12 of 16 against 10 of 16."""
    assert fisher_exact(12, 16, 10, 16) == pytest.approx(0.70425, abs=1e-5)
    assert trials_needed(12 / 16, 10 / 16) == 215
    assert wilson(12, 16) == pytest.approx((0.505, 0.898), abs=5e-4)
    assert wilson(10, 16) == pytest.approx((0.386, 0.815), abs=5e-4)


@settings(max_examples=40, deadline=None)
@given(first=COUNTS, second=COUNTS, data=st.data())
def test_fisher_is_scipys(first: int, second: int, data: st.DataObject) -> None:
    a, b = data.draw(st.integers(0, first)), data.draw(st.integers(0, second))
    expected = scipys([[a, first - a], [b, second - b]]).pvalue
    assert fisher_exact(a, first, b, second) == pytest.approx(expected, rel=1e-6)
    assert fisher_exact(b, second, a, first) == pytest.approx(expected, rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(a=st.integers(0, 40), b=st.integers(0, 40))
def test_mcnemar_is_a_sign_test(a: int, b: int) -> None:
    expected = binomtest(a, a + b).pvalue if a + b else 1.0
    assert mcnemar_exact(a, b) == pytest.approx(expected, rel=1e-6)


def test_six_pairs_are_the_fewest_that_show_anything() -> None:
    assert mcnemar_exact(5, 0) > 0.05 > mcnemar_exact(6, 0)


def test_trials_needed_see_the_gap_as_often_as_promised() -> None:
    """A normal test of two binomial counts, by full enumeration."""
    n, first, second = 215, 0.75, 0.625
    seen = 0.0
    import numpy as np
    from scipy.stats import binom

    wins = np.arange(n + 1)
    chance = np.outer(binom.pmf(wins, n, first), binom.pmf(wins, n, second))
    mean = (wins[:, None] + wins[None]) / (2 * n)
    gap = np.abs(wins[:, None] - wins[None]) / n
    with np.errstate(invalid="ignore", divide="ignore"):
        seen = chance[gap / np.sqrt(2 * mean * (1 - mean) / n) > 1.959964].sum()
    assert seen == pytest.approx(0.8, abs=0.02)


def test_no_gap_needs_no_number() -> None:
    assert trials_needed(0.5, 0.5) is None


@pytest.mark.parametrize("numbers", [(5, 4, 1, 4), (-1, 4, 1, 4), (1, 4, 5, 4)])
def test_impossible_counts_are_refused(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="successes"):
        fisher_exact(*numbers)
    with pytest.raises(ValueError, match="pairs"):
        mcnemar_exact(-1, 2)
    with pytest.raises(ValueError, match="shares"):
        trials_needed(1.5, 0.2)

import pytest

from toto_bench.leaderboard.student import central_probability, t_quantile

# Two-sided 95 % and 99 % points of the printed tables (NIST/SEMATECH handbook, 1.3.6.7.2).
TABLE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 9: 2.262, 10: 2.228, 30: 2.042, 100: 1.984}
TABLE_99 = {1: 63.657, 2: 9.925, 3: 5.841, 10: 3.169, 100: 2.626}


@pytest.mark.parametrize("degrees", TABLE)
def test_quantile_is_that_of_the_tables(degrees):
    assert t_quantile(0.95, degrees) == pytest.approx(TABLE[degrees], abs=6e-4)


@pytest.mark.parametrize("degrees", TABLE_99)
def test_quantile_at_99_percent(degrees):
    assert t_quantile(0.99, degrees) == pytest.approx(TABLE_99[degrees], abs=6e-4)


def test_large_degrees_approach_the_normal_distribution():
    assert t_quantile(0.95, 100_000) == pytest.approx(1.95996, abs=1e-4)


@pytest.mark.parametrize("degrees", [1, 2, 7, 20])
def test_quantile_inverts_the_probability(degrees):
    assert central_probability(t_quantile(0.8, degrees), degrees) == pytest.approx(0.8, abs=1e-10)

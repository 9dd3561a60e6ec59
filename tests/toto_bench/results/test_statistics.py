"""The bootstrap over units."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from toto_bench.results import statistics
from toto_bench.results.statistics import FEWEST_UNITS, RESAMPLES, bootstrap_mean, describe_bootstrap


def loop_reference(
    values: NDArray[np.float64], units: NDArray[np.int64], seed: int, resamples: int
) -> tuple[float, float]:
    """The definition, draw by draw: whole units with replacement, then the mean over their items."""
    members = [values[(units == unit) & ~np.isnan(values)] for unit in np.unique(units)]
    members = [member for member in members if member.size]
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(resamples):
        drawn = rng.integers(0, len(members), size=len(members))
        means.append(np.concatenate([members[index] for index in drawn]).mean())
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def some_items(
    seed: int, items: int, units: int, nan: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Values and labels of units of different sizes, in no order."""
    rng = np.random.default_rng(seed)
    values, labels = rng.random(items), rng.integers(0, units, items) * 17 - 40
    values[rng.random(items) < nan] = np.nan
    return values, labels


@pytest.mark.parametrize("nan", [0.0, 0.3])
@pytest.mark.parametrize(("items", "units"), [(30, 8), (61, 30), (200, 200)])
def test_it_is_the_definition(items: int, units: int, nan: float) -> None:
    """The same draws give the same interval as a plain loop."""
    values, labels = some_items(items, items, units, nan)
    found = bootstrap_mean(values, labels, seed=3, resamples=500)
    assert found == pytest.approx(loop_reference(values, labels, 3, 500), abs=1e-14)


@pytest.mark.parametrize("at_once", [1, 100, 10**9])
def test_how_many_are_drawn_at_once_does_not_show(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """Memory and result have nothing to do with each other."""
    values, labels = some_items(0, 40, 9)
    expected = bootstrap_mean(values, labels, resamples=300)
    monkeypatch.setattr(statistics, "_CHUNK", at_once)
    assert bootstrap_mean(values, labels, resamples=300) == expected


def test_the_seed_decides() -> None:
    """The same seed gives the same interval, another one another."""
    values, labels = some_items(1, 50, 12)
    assert bootstrap_mean(values, labels, seed=5) == bootstrap_mean(values, labels, seed=5)
    assert bootstrap_mean(values, labels, seed=5) != bootstrap_mean(values, labels, seed=6)


def test_labels_are_only_labels() -> None:
    """Renaming the units in their order changes nothing."""
    values, labels = some_items(2, 50, 12)
    assert bootstrap_mean(values, labels) == bootstrap_mean(values, 3 * labels - 1000)


def test_nan_items_are_left_out() -> None:
    """As if they had not been scored, with their unit if nothing else is in it."""
    values, labels = some_items(3, 60, 10)
    values[labels == labels[0]] = np.nan
    kept = ~np.isnan(values)
    assert bootstrap_mean(values, labels) == bootstrap_mean(values[kept], labels[kept])


def test_fewer_than_five_units_have_no_interval() -> None:
    """However many items are in them."""
    labels = np.arange(1000) % (FEWEST_UNITS - 1)
    assert all(math.isnan(end) for end in bootstrap_mean(np.ones(1000), labels))


def test_five_units_have_an_interval() -> None:
    """The bound is where it is said to be."""
    low, high = bootstrap_mean(np.arange(5.0), np.arange(5))
    assert 0 <= low < 2 < high <= 4


def test_units_of_nan_alone_do_not_count() -> None:
    """Four units with a value and many without are four."""
    values = np.full(20, np.nan)
    values[:4] = 1.0
    assert all(math.isnan(end) for end in bootstrap_mean(values, np.arange(20)))


@pytest.mark.parametrize("values", [[], [float("nan")] * 9])
def test_nothing_scored_has_no_interval(values: list[float]) -> None:
    """No items, or NaN alone, is no crash."""
    interval = bootstrap_mean(np.array(values, np.float64), np.arange(len(values)))
    assert all(math.isnan(end) for end in interval)


def test_equal_values_have_an_interval_of_no_width() -> None:
    """There is nothing to be unsure about."""
    assert bootstrap_mean(np.full(12, 0.25), np.arange(12) // 2) == (0.25, 0.25)


def test_items_copied_inside_their_units_do_not_shrink_the_interval() -> None:
    """Objects of one video are no independent evidence; taken as independent, they would shrink it."""
    rng = np.random.default_rng(4)
    values, labels = rng.random(30), np.arange(30)
    copies, same = np.repeat(values, 9), np.repeat(labels, 9)
    once, often = bootstrap_mean(values, labels), bootstrap_mean(copies, same)
    assert often == pytest.approx(once, abs=1e-12)
    wrong = bootstrap_mean(copies, np.arange(copies.size))
    assert wrong.high - wrong.low < 0.5 * (once.high - once.low)


def test_large_units_weigh_more() -> None:
    """The mean is over items, so its interval lies where most items are."""
    values = np.concatenate([np.zeros(10), np.ones(90)])
    labels = np.concatenate([np.arange(10), np.full(90, 10)])
    low, high = bootstrap_mean(values, labels)
    assert low <= values.mean() <= high
    assert high > 0.9


def test_the_name_of_the_method() -> None:
    """It stands in every record."""
    assert describe_bootstrap("videos") == "95 % percentile bootstrap over the videos, 10,000 resamples"
    assert RESAMPLES == 10_000


@pytest.mark.slow
@pytest.mark.parametrize("clustered", [False, True])
def test_the_true_mean_is_inside_about_95_times_of_100(clustered: bool) -> None:
    """Simulated data sets of 60 videos, with one object each or several that are alike."""
    rng = np.random.default_rng(0)
    trials, inside = 2000, 0
    for trial in range(trials):
        each = rng.integers(1, 6, size=60) if clustered else np.ones(60, np.int64)
        labels = np.repeat(np.arange(60), each)
        values = np.repeat(rng.normal(0.5, 0.2, size=60), each) + rng.normal(0, 0.1, size=labels.size)
        low, high = bootstrap_mean(values, labels, seed=trial, resamples=1000)
        inside += low <= 0.5 <= high
    assert 0.925 < inside / trials < 0.965

"""Ratios of sources."""

from collections import Counter, defaultdict

import pytest

from toto_bench.pretraining.mixture import BLOCK, Mixture
from toto_bench.pretraining.recipe import load_recipe


def test_the_papers_ratios_hold_in_every_block():
    recipe = load_recipe("toto-paper")
    mixture = Mixture({name: source.ratio for name, source in recipe.data.items()}, seed=0)
    for block in (0, 1, 7):
        places = [mixture.place(block * BLOCK + offset) for offset in range(BLOCK)]
        counts = Counter(place.source for place in places)
        assert counts == {"imagenet": 200, "ego4d": 100, "kinetics600": 100, "howto100m": 600}


def test_each_source_is_counted_through():
    mixture = Mixture({"a": 2, "b": 1}, seed=3)
    numbers = defaultdict(list)
    for position in range(3 * BLOCK):
        place = mixture.place(position)
        numbers[place.source].append(place.number)
    assert all(found == list(range(len(found))) for found in numbers.values())
    assert len(numbers["a"]) == pytest.approx(2000, abs=3)


def test_order_depends_on_the_seed():
    orders = [[Mixture({"a": 1, "b": 1}, seed).place(n).source for n in range(50)] for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]


def test_small_shares_are_not_lost():
    mixture = Mixture({"a": 1e-6, "b": 1.0, "c": 1.0}, seed=0)
    assert sorted(mixture.counts) == [1, 499, 500]
    assert Mixture({"only": 5}, seed=0).place(12345).number == 12345

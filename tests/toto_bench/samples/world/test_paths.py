"""Curves pass where they should, when they should."""

import numpy as np
import pytest

from toto_bench.samples.world.paths import (
    chained,
    evenly,
    led,
    orbit,
    still,
    swaying,
    through,
    turned,
    turning,
)


def test_a_curve_through_stops_rests_at_each() -> None:
    curve = through((1.0, (0.0, 0.0, 0.0)), (2.0, (1.0, 0.0, 0.0)), (3.0, (1.0, 2.0, 0.0)))
    assert curve(0.0) == (0.0, 0.0, 0.0)
    assert curve(1.5) == pytest.approx((0.5, 0.0, 0.0))
    assert curve(2.0) == (1.0, 0.0, 0.0)
    assert curve(9.0) == (1.0, 2.0, 0.0)
    assert curve(2.001)[1] < 1e-4


def test_even_motion_and_orbits() -> None:
    assert evenly((1.0, 0.0, 0.0), (0.0, 2.0, 0.0))(0.5) == (1.0, 1.0, 0.0)
    assert orbit((1.0, 0.0, 0.0), 2.0, 0.5, 0.0, np.pi)(0.5) == pytest.approx((1.0, 2.0, 0.5))


def test_a_sway_is_small_and_moves() -> None:
    curve = swaying(still((0.0, 0.0, 1.0)), 0.1, np.random.default_rng(0))
    points = np.array([curve(t) for t in np.linspace(0, 3, 20)]) - (0, 0, 1)
    assert 0.01 < np.abs(points).max() <= 0.1


def test_a_led_thing_is_let_go() -> None:
    path = led(still((0.0, 0.0, 1.0)), until=1.0)
    assert path(0.5) is not None and path(1.0) is None


def test_paths_follow_each_other() -> None:
    path = chained([(1.0, led(still((1.0, 0.0, 0.0)))), (2.0, led(still((2.0, 0.0, 0.0))))])
    assert path(0.5) is None
    assert [path(t).position[0] for t in (1.0, 1.9, 2.0)] == [1.0, 1.0, 2.0]


def test_rotations_are_about_the_axis() -> None:
    assert turned((0.0, 0.0, 5.0), np.pi) == pytest.approx((0.0, 0.0, 0.0, 1.0))
    assert turning((1.0, 0.0, 0.0), 0.0, np.pi)(0.5) == pytest.approx(turned((1.0, 0.0, 0.0), np.pi / 2))

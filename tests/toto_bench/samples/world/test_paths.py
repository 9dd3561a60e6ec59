"""Curves pass where they should, when they should."""

import numpy as np
import pytest

from toto_bench.samples.world.paths import (
    evenly,
    led,
    orbit,
    product,
    still,
    swaying,
    through,
    turned,
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


def test_rotations_are_about_the_axis() -> None:
    assert turned((0.0, 0.0, 5.0), np.pi) == pytest.approx((0.0, 0.0, 0.0, 1.0))
    assert turned((1.0, 0.0, 0.0), np.pi / 2) == pytest.approx((np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0))


def test_rotations_one_after_the_other() -> None:
    """About x and then about z is not the same as about z and then about x."""
    x, z = turned((1.0, 0.0, 0.0), np.pi / 2), turned((0.0, 0.0, 1.0), np.pi / 2)
    assert product(z, x) == pytest.approx((0.5, 0.5, 0.5, 0.5))
    assert product(x, z) == pytest.approx((0.5, 0.5, -0.5, 0.5))
    assert product(z, z) == pytest.approx(turned((0.0, 0.0, 1.0), np.pi))

"""The tables, and that ours are within all of them."""

import math

import numpy as np
import pytest
from pydantic import ValidationError

from toto_bench.deploy.limits import (
    FER,
    FR3,
    FR3_RECTANGULAR,
    FR3_WIDE,
    FRANKY_SELECTS,
    OURS,
    PUBLISHED,
    ArmLimits,
    CollisionThresholds,
    WorkingLimits,
    strictest,
)
from toto_bench.deploy.limits.model import JointRange

QUANTITIES = ("velocity", "acceleration", "jerk", "torque", "torque_rate")
READY = (0.0, -math.pi / 4, 0.0, -3 * math.pi / 4, 0.0, math.pi / 2, math.pi / 4)
"""libfranka's pose from which its examples start."""


@pytest.mark.parametrize("table", PUBLISHED.values(), ids=lambda table: table.name)
def test_ours_are_within_every_published_table(table: ArmLimits) -> None:
    for quantity in QUANTITIES:
        ours, theirs = getattr(OURS, quantity), getattr(table, quantity)
        assert all(a <= b for a, b in zip(ours, theirs, strict=True)), quantity
    assert not table.position.outside(np.array(OURS.position.lower)).any()
    assert not table.position.outside(np.array(OURS.position.upper)).any()
    for name, value in OURS.cartesian:
        assert value <= getattr(table.cartesian, name)


def test_ours_are_no_stricter_than_the_strictest() -> None:
    """Each number of ours stands in some table."""
    for quantity in QUANTITIES:
        for joint, value in enumerate(getattr(OURS, quantity)):
            assert value in {getattr(table, quantity)[joint] for table in PUBLISHED.values()}
    assert OURS.acceleration == (10.0, 7.5, 10.0, 10.0, 10.0, 10.0, 10.0)
    assert OURS.jerk == (5000.0, 3750.0, 5000.0, 5000.0, 5000.0, 5000.0, 5000.0)


def test_the_ready_pose_is_within_ours() -> None:
    assert not OURS.position.outside(np.array(READY)).any()


@pytest.mark.parametrize(("robot", "quantity"), [("fr3", "acceleration"), ("fer", "velocity")])
def test_what_franky_selects_would_exceed_the_robot(robot: str, quantity: str) -> None:
    """The trap is real in both directions, and ours avoid it."""
    selected, own = PUBLISHED[FRANKY_SELECTS[robot]], PUBLISHED[robot]
    assert any(map(float.__gt__, getattr(selected, quantity), getattr(own, quantity)))
    assert not any(map(float.__gt__, getattr(OURS, quantity), getattr(own, quantity)))


def test_a_range_the_robot_reports_only_narrows() -> None:
    assert WorkingLimits().narrowed(FR3_WIDE) == WorkingLimits()
    narrow = JointRange(lower=(-0.5,) * 3 + (-2.5, -0.5, 1.0, -0.5), upper=(0.5,) * 3 + (-1.0, 0.5, 2.0, 0.5))
    assert WorkingLimits(speed_factor=0.1).narrowed(narrow).position == narrow


def test_working_limits_are_slow_by_default() -> None:
    limits = WorkingLimits()
    assert limits.velocity == pytest.approx([0.2 * value for value in OURS.velocity])
    assert limits.acceleration == pytest.approx([2.0, 1.5, 2.0, 2.0, 2.0, 2.0, 2.0])
    assert limits.jerk == pytest.approx([1000.0, 750.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0])


@pytest.mark.parametrize("factor", [0.0, -0.1, 1.01, math.nan, math.inf])
def test_speed_factors_out_of_range_are_refused(factor: float) -> None:
    with pytest.raises(ValidationError):
        WorkingLimits(speed_factor=factor)


def test_working_limits_cannot_be_widened() -> None:
    with pytest.raises(ValidationError, match="beyond ours"):
        WorkingLimits(position=FR3.position)
    with pytest.raises(ValidationError, match="never trip"):
        WorkingLimits(collision=CollisionThresholds(torque=(40.0,) * 7))
    with pytest.raises(ValidationError, match="Extra inputs"):
        WorkingLimits(velocity=(9.0,) * 7)  # type: ignore[call-arg]


def test_ranges_have_an_inside() -> None:
    with pytest.raises(ValidationError, match="joint 2 is empty"):
        JointRange(lower=(-1.0,) * 7, upper=(1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0))
    with pytest.raises(ValidationError):
        JointRange(lower=(-1.0,) * 6, upper=(1.0,) * 6)
    far = JointRange(lower=(5.0,) * 7, upper=(6.0,) * 7)
    with pytest.raises(ValueError, match="joint 1 is empty"):
        FER.position.intersected(far)


def test_outside_and_clipped_agree() -> None:
    q = np.array(FR3_RECTANGULAR.position.upper) + np.array([0.1, -0.1, 0.0, 0.3, -1.0, 0.02, -0.5])
    outside = FR3_RECTANGULAR.position.outside(q)
    assert outside == pytest.approx([0.1, 0, 0, 0.3, 0, 0.02, 0])
    assert q - outside == pytest.approx(FR3_RECTANGULAR.position.clipped(q))
    assert strictest("one", FER) == FER.model_copy(
        update={"name": "one", "source": f"strictest of: {FER.source}"}
    )

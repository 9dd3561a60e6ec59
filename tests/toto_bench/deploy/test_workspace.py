"""The box and the floor."""

import math

import numpy as np
import pytest
from pydantic import ValidationError

from toto_bench.deploy.workspace import Workspace

READY = np.array([0.0, -math.pi / 4, 0.0, -3 * math.pi / 4, 0.0, math.pi / 2, math.pi / 4])
"""The tool is at (0.31, 0, 0.49) and looks down."""


def turned(joint: int, angle: float) -> np.ndarray:
    q = READY.copy()
    q[joint - 1] += angle
    return q


def test_the_ready_pose_is_inside() -> None:
    assert Workspace().violation(READY) is None


@pytest.mark.parametrize(
    ("joint", "angle", "words"),
    [
        (1, math.pi / 2, "the hand would be at x = 0.000 m, outside 0.1 to 1 m"),
        (2, 1.6, "joint 7 would be 0.016 m above the floor, under 0.05 m"),
    ],
)
def test_leaving_is_told_in_words(joint: int, angle: float, words: str) -> None:
    assert Workspace().violation(turned(joint, angle)) == words


@pytest.mark.parametrize(("low", "high", "side"), [(-0.03, 0.4, "left"), (-0.4, 0.03, "right")])
def test_each_fingertip_counts(low: float, high: float, side: str) -> None:
    """A box that holds the tool but not an open finger is too small."""
    violation = Workspace(lower=(0.1, low, 0.0), upper=(1.0, high, 1.0)).violation(READY)
    assert violation is not None
    assert f"{side} fingertip" in violation
    assert Workspace(lower=(0.1, -0.05, 0.0), upper=(1.0, 0.05, 1.0)).violation(READY) is None


def test_the_floor_holds_for_the_elbow() -> None:
    """The hand is in the box, and the elbow is too low."""
    violation = Workspace(floor=0.6, lower=(0.1, -0.4, 0.0)).violation(READY)
    assert violation is not None
    assert "joint" in violation


def test_fingertips_may_touch_the_table_and_no_more() -> None:
    tip = 0.4869 - 0.009  # the fingers go on beyond where they grip
    assert Workspace(floor=tip - 0.001, clearance=0.0).violation(READY) is None
    violation = Workspace(floor=tip + 0.001, clearance=0.0).violation(READY)
    assert violation is not None
    assert "below the floor" in violation


def test_not_a_number_is_never_inside() -> None:
    assert Workspace().violation(np.full(7, np.nan)) is not None


def test_boxes_have_an_inside() -> None:
    with pytest.raises(ValidationError, match="empty along y"):
        Workspace(lower=(0.1, 0.4, 0.0), upper=(1.0, -0.4, 1.0))
    with pytest.raises(ValidationError, match="negative"):
        Workspace(clearance=-0.1)
    with pytest.raises(ValidationError):
        Workspace(floor=math.nan)

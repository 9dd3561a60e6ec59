"""Drills of group 2: a policy that answers nonsense."""

from dataclasses import replace

import numpy as np
import pytest

from toto_bench.deploy.errors import Reason
from toto_bench.deploy.runner import Cause
from toto_bench.robots.errors import ActionError

AT = 15
with np.errstate(over="ignore"):
    OVERFLOWN = np.full((1, 8), 6e4, dtype=np.float16) * np.float16(2)


def changed(**columns):
    """From answer `AT` on, some numbers are others."""

    def spoil(number, chunk):
        if number < AT:
            return None
        actions = np.asarray(columns.get("actions", chunk.actions)).copy()
        if "value" in columns:
            actions[0, columns.get("place", 2)] = columns["value"]
        return replace(
            chunk, actions=actions, **{key: columns[key] for key in ("kind", "time") if key in columns}
        )

    return spoil


@pytest.mark.parametrize(
    ("spoil", "reason", "message"),
    [
        (changed(value=np.nan), Reason.NOT_FINITE, "target is not finite"),
        (changed(value=np.inf), Reason.NOT_FINITE, "inf"),
        (changed(actions=OVERFLOWN), Reason.NOT_FINITE, "inf"),
        (changed(value=np.nan, place=7), Reason.NOT_FINITE, "gripper"),
        (changed(actions=np.zeros((1, 7))), Reason.SHAPE, "[7] instead of [8]"),
        (changed(actions=np.zeros((1, 9))), Reason.SHAPE, "[9] instead of [8]"),
        (changed(actions=np.zeros(8)), Reason.SHAPE, "instead of `joint-delta` [K, A]"),
        (changed(actions=np.zeros((0, 8))), Reason.SHAPE, "instead of `joint-delta` [K, A]"),
        (changed(actions=np.array([["left"] * 8])), Reason.SHAPE, "not a row of numbers"),
        (changed(kind="joint-position"), Reason.SHAPE, "joint-position"),
        (changed(time=1e9), Reason.CLOCK, "from now"),
        (changed(value=3.0), Reason.JUMP, "joint 3 is 3.000 rad away"),
        (changed(value=1e30), Reason.JUMP, "joint 3"),
        (changed(value=5.0, place=7), Reason.GRIPPER, "far outside"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_arm_stops(make_bench, swaying, spoil, reason: str, message: str) -> None:
    bench = make_bench(policy=swaying(spoil=spoil))
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "aborted", reason, message)
    assert ending.steps == AT, "nothing of the bad answer was sent"


def test_alternating_extremes_are_clipped_then_stopped(make_bench, swaying) -> None:
    """Each is near enough to be brought to one step; five in a row are not a policy's mistake any more."""

    def spoil(number, chunk):
        actions = chunk.actions.copy()
        actions[0, :7] = 0.05 * (-1) ** number
        return replace(chunk, actions=actions) if number >= AT else None

    bench = make_bench(policy=swaying(spoil=spoil))
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "aborted", Reason.CLIPPING, "5 targets in a row")
    assert ending.guard["shortened"] == 4
    step = np.array(bench.runner()._guard.largest_step)
    for tick in bench.ticks[AT:-1]:
        assert (np.abs(np.array(tick.sent) - tick.q) <= step + 1e-9).all()
        assert tick.shortened


@pytest.mark.parametrize("error", [ActionError("its training has diverged"), ZeroDivisionError("oops")])
def test_a_policy_that_raises(make_bench, swaying, error: Exception) -> None:
    def spoil(number, chunk):
        if number == AT:
            raise error

    bench = make_bench(policy=swaying(spoil=spoil))
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.POLICY, f"The policy failed: {error}")
    assert ending.error is error
    assert not ending.is_request


def test_a_policy_that_ends_the_program(make_bench, swaying) -> None:
    """As if somebody had: the arm stops first."""

    def spoil(number, chunk):
        if number == AT:
            raise SystemExit(3)

    bench = make_bench(policy=swaying(spoil=spoil))
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.TERMINATED, "The program was told to end.")
    assert ending.is_request

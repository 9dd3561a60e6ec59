"""Drills of group 12: whatever a policy asks for, what reaches the arm is within its limits, or the run has stopped."""

import itertools
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.limits import OURS

_NUMBER = st.one_of(
    st.floats(width=32),
    st.floats(-0.05, 0.05),
    st.floats(-0.5, 0.5),
    st.floats(-4, 4),
)
_ROWS = st.lists(st.lists(_NUMBER, min_size=8, max_size=8), min_size=1, max_size=20)


@pytest.mark.parametrize("kind", ["joint-delta", "joint-target-delta", "joint-position"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_ROWS)
def test_whatever_is_asked(make_bench, swaying, spec_of, kind: str, rows: list[list[float]]) -> None:
    """Also an arm that is led there in small steps: ranges, steps and speeds hold at every tick."""
    answers = itertools.cycle(rows)

    def spoil(number, chunk):
        return replace(chunk, actions=np.array([next(answers)], dtype=np.float32))

    bench = make_bench(policy=swaying(spec_of(kind=kind), spoil=spoil), guard={"seconds": 3.0})
    bench.journal = Path(tempfile.mkdtemp(dir=bench.folder)) / "trials.jsonl"
    bench.connect()
    ending = bench.run()
    assert ending.at_rest
    assert np.abs(bench.arm._world.dq).max() < 0.01
    assert bench.ended.reason == ending.reason
    step = np.array(GuardSettings.for_policy(bench.policy.spec).largest_step)
    for tick in bench.ticks:
        if tick.sent:
            sent = np.array(tick.sent)
            assert not OURS.position.outside(sent).any()
            assert (np.abs(sent - tick.q) <= step + 1e-9).all()
            assert tick.sent_gripper is None or 0 <= tick.sent_gripper <= 1
        if tick.dq:
            assert (np.abs(tick.dq) <= 0.3 * np.array(OURS.velocity)).all()

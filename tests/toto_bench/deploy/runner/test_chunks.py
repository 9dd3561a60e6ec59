"""Plans of several actions: what is due, and what is dropped."""

import numpy as np
import pytest

from toto_bench.deploy.errors import GuardTrip
from toto_bench.deploy.runner.chunks import Plan
from toto_bench.robots.policy import ActionChunk, ActionSpec, PolicySpec

SPEC = PolicySpec(
    proprio=("joint1",), action=ActionSpec(kind="joint-delta", names=("joint1",)), rate_hz=10.0, chunk=4
)


def chunk(time: float = 5.0, count: int = 4, **changes: object) -> ActionChunk:
    values = {
        "actions": np.arange(count, dtype=np.float32)[:, None],
        "kind": "joint-delta",
        "period": 0.1,
        "time": time,
    }
    return ActionChunk(**values | changes)


def taken(plan: Plan, *moments: float) -> list[float | None]:
    found = [plan.take(moment) for moment in moments]
    return [None if action is None else float(action[0]) for action in found]


def test_nothing_is_planned_at_first() -> None:
    assert taken(Plan(SPEC), 0.0) == [None]


def test_actions_come_one_after_the_other() -> None:
    plan = Plan(SPEC)
    plan.put(chunk(), 5.0)
    assert taken(plan, 5.0, 5.1, 5.2, 5.3, 5.4) == [0, 1, 2, 3, None]
    assert plan.dropped == 0


def test_what_is_late_is_dropped() -> None:
    plan = Plan(SPEC)
    plan.put(chunk(), 5.0)
    assert taken(plan, 5.0, 5.26, 5.3) == [0, 3, None]
    assert plan.dropped == 2


def test_a_tick_that_comes_early_takes_the_next_action() -> None:
    """No action is sent twice."""
    plan = Plan(SPEC)
    plan.put(chunk(), 5.0)
    assert taken(plan, 5.0, 5.01, 5.2) == [0, 1, 2]


def test_a_plan_that_is_wholly_late() -> None:
    plan = Plan(SPEC)
    plan.put(chunk(time=1.0), 5.0)
    assert taken(plan, 5.0) == [None]
    assert plan.dropped == 4


def test_a_horizon_ends_a_plan_early() -> None:
    plan = Plan(SPEC, horizon=2)
    plan.put(chunk(), 5.0)
    assert taken(plan, 5.0, 5.1, 5.2) == [0, 1, None]


def test_a_new_plan_replaces_the_old() -> None:
    plan = Plan(SPEC)
    plan.put(chunk(), 5.0)
    plan.take(5.0)
    plan.put(chunk(time=5.1), 5.1)
    assert taken(plan, 5.1) == [0]


@pytest.mark.parametrize(
    "wrong",
    [
        chunk(kind="joint-position"),
        chunk(actions=np.zeros(4)),
        chunk(actions=np.zeros((0, 1))),
        chunk(time=5.5),
        chunk(time=float("nan")),
    ],
    ids=["kind", "shape", "none", "future", "nan"],
)
def test_what_is_no_plan_is_refused(wrong: ActionChunk) -> None:
    with pytest.raises(GuardTrip):
        Plan(SPEC).put(wrong, 5.0)

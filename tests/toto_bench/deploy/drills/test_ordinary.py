"""A trial in which nothing goes wrong: what all drills are compared with."""

import numpy as np
import pytest

from toto_bench.deploy.errors import Reason
from toto_bench.deploy.runner import Cause
from toto_bench.deploy.simulated.world import READY


def test_a_trial_ends_with_its_time(bench) -> None:
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "completed", Reason.TIME, "has had its 4 s")
    assert ending.steps == pytest.approx(40, abs=1)
    assert ending.latency["missed deadlines"] == 0
    assert ending.guard["passed"] == ending.steps
    assert np.abs([tick.q for tick in bench.ticks] - READY).max() > 0.03, "the arm swayed"


def test_ticks_are_a_period_apart_and_whole(bench) -> None:
    bench.connect()
    bench.run()
    times = np.array([tick.time for tick in bench.ticks])
    assert np.diff(times) == pytest.approx(0.1)
    tick = bench.ticks[5]
    assert len(tick.q) == len(tick.dq) == len(tick.sent) == 7 and len(tick.action) == 8
    assert tick.sights["front"][0] == pytest.approx(tick.time, abs=0.05)
    assert set(tick.seconds) == {"observe", "pictures", "policy", "guard", "act"}
    assert not tick.missed


def test_steps_end_a_trial(make_bench) -> None:
    bench = make_bench(guard={"steps": 7})
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "completed", Reason.STEPS, "7 steps")
    assert ending.steps == 7


def test_somebody_sees_the_task_done(bench) -> None:
    bench.connect()
    ending = bench.run(finished=lambda: bench.clock.now() > 1.0)
    bench.expect(ending, "completed", Cause.DONE, "was done")
    assert ending.seconds == pytest.approx(1.1, abs=0.11)


def test_a_plan_is_asked_for_when_the_last_is_done(make_bench, spec_of, swaying) -> None:
    bench = make_bench(policy=swaying(spec_of(chunk=5)))
    bench.connect()
    ending = bench.run()
    assert ending.steps == pytest.approx(40, abs=1)
    assert bench.policy.asked == pytest.approx(ending.steps / 5, abs=1)


def test_after_a_trial_nothing_moves_until_a_person_says_so(bench) -> None:
    bench.connect()
    bench.run()
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.ROBOT, "a person has to make it ready")
    bench.driver.recover()
    assert bench.run().outcome == "completed"


@pytest.mark.parametrize("kind", ["joint-delta", "joint-target-delta"])
def test_a_dry_run_sends_nothing(make_bench, spec_of, swaying, kind: str) -> None:
    """Also where actions add up: the arm does not follow, so that nothing adds up."""
    bench = make_bench(policy=swaying(spec_of(kind=kind)))
    bench.connect()
    dry = bench.runner().dry_run(seconds=2.0)
    assert dry.ending.reason == Cause.DONE
    assert dry.ending.steps == pytest.approx(20, abs=1)
    assert dry.largest == pytest.approx(np.full(7, 0.01), rel=1e-3)
    assert bench.arm.observe().q == pytest.approx(READY, abs=1e-6)
    assert bench.run().outcome == "completed", "a dry run leaves the arm ready"

"""Drills of group 5: inference is slower than the period, hangs, or answers too late."""

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from toto_bench.deploy.cameras.faulty import CameraFaultKind
from toto_bench.deploy.drivers.faults import Fault, FaultKind
from toto_bench.deploy.errors import Reason
from toto_bench.deploy.runner import Cause, Ending, PolicyTooSlowError

AT = 15


def slow(bench, seconds: float, first: int = AT, last: int = 10**9):
    """Some inferences take longer."""

    def spoil(number, chunk):
        if first <= number <= last:
            bench.clock.sleep_until(bench.clock.now() + seconds)

    bench.policy.spoil = spoil
    return bench


def test_one_spike_holds_the_last_target(bench) -> None:
    """Nothing is sent for it, the deadlines begin anew after it, and the trial goes on."""
    slow(bench, 0.25, AT, AT).connect()
    ending = bench.run()
    bench.expect(ending, "completed", Reason.TIME, "")
    assert ending.latency["missed deadlines"] == 1
    assert ending.latency["dropped actions"] >= 1
    late, after = bench.ticks[AT], bench.ticks[AT + 1]
    assert late.missed and not late.sent and not late.action
    assert after.sent and after.time - late.time == pytest.approx(0.25, abs=0.01)


def test_slower_than_the_period_stops_after_three(bench) -> None:
    slow(bench, 0.15).connect()
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.LATE, "3 deadlines in a row")
    assert ending.steps == AT and ending.latency["missed deadlines"] == 3


def test_chunks_make_up_for_slow_inference(make_bench, swaying, spec_of) -> None:
    """Of each plan the actions whose moment passed are dropped, and the others are sent in time."""
    bench = make_bench(policy=swaying(spec_of(chunk=8)))
    slow(bench, 0.15, 0).connect()
    ending = bench.run()
    bench.expect(ending, "completed", Reason.TIME, "")
    plans = bench.policy.asked
    assert ending.latency["missed deadlines"] == plans
    assert ending.latency["dropped actions"] == pytest.approx(2 * plans, abs=2)
    sent = [tick for tick in bench.ticks if tick.sent]
    assert len(sent) > 4 * plans


def test_the_watchdog_stops_an_arm_whose_loop_stands(bench) -> None:
    slow(bench, 0.5, AT, AT).connect()
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.WATCHDOG, "the watchdog stopped the arm")
    assert "watchdog" in bench.driver.stops[0]


@pytest.mark.parametrize("ago", [1.0, 100.0], ids=["late", "out of order"])
def test_old_answers_are_not_carried_out(make_bench, swaying, ago: float) -> None:
    """A chunk for a moment that has passed holds no action for this one."""

    def spoil(number, chunk):
        return replace(chunk, time=chunk.time - ago) if number >= AT else None

    bench = make_bench(policy=swaying(spoil=spoil))
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.LATE, "3 deadlines in a row")
    assert ending.steps == AT


def test_a_slow_policy_is_refused_before_anything_moves(bench) -> None:
    slow(bench, 0.085, 0).connect()
    with pytest.raises(PolicyTooSlowError, match=r"85 ms .* may take 80 ms") as caught:
        bench.runner().warm_up()
    assert caught.value.exit_code == 2
    assert not bench.journal.exists()


def test_the_first_inferences_may_be_slow(bench) -> None:
    """Compilers work in them."""
    slow(bench, 5.0, 0, 1).connect()
    warm = bench.runner().warm_up()
    assert warm.latency["policy p99"] == 0.0
    assert bench.policy.asked >= 7


def run_hanging(bench, hangs: Callable[[], bool], release: Callable[[], None]) -> Ending:
    """A trial in real time that hangs; the arm is seen to rest while it does."""
    trial: list[Ending] = []
    thread = threading.Thread(target=lambda: trial.append(bench.run()))
    thread.start()
    try:
        assert hangs()
        assert bench.driver.called.wait(60), "the watchdog did not stop the arm"
        assert bench.arm.at_rest(10)
        assert not trial, "the loop still waits"
    finally:
        release()
        thread.join(60)
    bench.expect(trial[0], "aborted", Cause.WATCHDOG, "the watchdog stopped the arm")
    last = next(tick for tick in reversed(bench.ticks) if tick.sent)
    moved = np.abs(bench.arm.scene_state().q - last.sent).max()
    assert moved < 0.02, "the arm went no further than its last target"
    bench.driver.close()
    return trial[0]


def test_a_policy_that_never_returns(patient) -> None:
    """The watchdog's thread brings the arm to rest while the loop still waits for the policy."""
    bench = patient()
    hangs, released = threading.Event(), threading.Event()

    def spoil(number, chunk):
        if number == 5:
            hangs.set()
            released.wait(60)

    bench.policy.spoil = spoil
    bench.connect()
    run_hanging(bench, lambda: hangs.wait(60), released.set)


@pytest.mark.parametrize("on", ["observe", "act"])
def test_a_driver_that_never_returns(patient, on: str) -> None:
    bench = patient()
    bench.connect(Fault(FaultKind.HANG, on, 5))
    run_hanging(bench, lambda: True, bench.driver.release)


def test_a_camera_that_never_returns(patient) -> None:
    bench = patient()
    bench.connect()
    bench.spoil_camera(CameraFaultKind.HANG, 5)
    run_hanging(bench, lambda: True, bench.camera._released.set)

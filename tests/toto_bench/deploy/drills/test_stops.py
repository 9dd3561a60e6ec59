"""Drills of group 11: stops from several threads, without a robot, again and again."""

import threading

import numpy as np
import pytest

from toto_bench.deploy.runner import Cause


def test_two_threads_stop_a_trial(patient) -> None:
    """In real time, while the loop sends: the arm stands, the trial is recorded, and nobody's stop raises."""
    bench = patient()
    bench.connect()
    begun, raised = threading.Event(), []

    def spoil(number, chunk):
        if number == 5:
            begun.set()

    bench.policy.spoil = spoil

    def stop() -> None:
        begun.wait(60)
        try:
            for _ in range(100):
                bench.driver.stop("another thread")
        except Exception as error:  # noqa: BLE001
            raised.append(error)

    threads = [threading.Thread(target=stop) for _ in range(2)]
    for thread in threads:
        thread.start()
    ending = bench.run()
    for thread in threads:
        thread.join(60)
    assert not raised
    bench.expect(ending, "aborted", Cause.ROBOT, "another thread")
    bench.driver.close()
    bench.driver.close()


@pytest.mark.parametrize("connected", [False, True])
def test_a_trial_on_a_robot_that_is_not_there(bench, connected: bool) -> None:
    """Never connected, or closed: nothing moves, and the trial's end is on disk."""
    bench.connect()
    bench.driver.close()
    if connected:
        bench.driver.close()
    ending = bench.run()
    assert (ending.outcome, ending.reason, ending.steps) == ("aborted", Cause.ROBOT, 0)
    assert not ending.at_rest and "use the emergency stop" in ending.message
    assert bench.ended.message == ending.message


def test_a_stop_before_the_first_tick(bench) -> None:
    bench.connect()
    bench.driver.stop("before")
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.ROBOT, "arm was stopped (before)")
    assert ending.steps == 0
    assert not np.abs(bench.arm.observe().dq).max() > 1e-6

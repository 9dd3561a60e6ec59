"""What the driver sends to franky, and that it waits for nobody; on a fake robot."""

import threading
import time

import numpy as np
import pytest

from tests.toto_bench.deploy.drivers.franky.fake import BLOCKS, RobotMode
from toto_bench.deploy.clock import MonotonicClock
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.franky import FrankyDriver
from toto_bench.deploy.limits import OURS
from toto_bench.deploy.types import Command
from toto_bench.testing.drivers import CHECKS, Rig, run_check


def until(holds, timeout=5.0):
    end = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.002)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(check, world):
    def make():
        driver = FrankyDriver("127.0.0.1", simulated=True)
        return Rig(driver, MonotonicClock(), world.q.copy(), world.reflex)

    run_check(check, make)


def test_connecting_moves_nothing_and_one_thread_talks(driver, world):
    time.sleep(0.05)
    assert not world.sent("move") and not world.sent("home") and not world.sent("open")
    driver.act(Command(world.q + 0.01))
    until(lambda: world.sent("move"))
    assert world.threads == {"MainThread", "franky arm"}, (
        "the first reading is the only one of another thread"
    )


def test_targets_are_aimed_anew_in_one_mode(driver, world):
    start = world.q.copy()
    for step in range(1, 6):
        driver.act(Command(start + 0.01 * step))
        until(lambda: len(world.sent("move")) == step)  # noqa: B023
    targets = [call[1] for call in world.sent("move")]
    assert np.allclose(targets, [start + 0.01 * step for step in range(1, 6)])
    assert {call[3] for call in world.sent("move")} == {False}, "the arm goes on holding its target"


def test_whole_numbers_are_sent_as_floats(driver, world):
    driver.act(Command(np.array([0, -1, 0, -2, 0, 2, 1])))
    until(lambda: world.sent("move"))
    driver.observe()


def test_nan_is_never_sent(driver, world):
    with pytest.raises(RobotFault, match="finite"):
        driver.act(Command(np.full(7, np.nan)))
    with pytest.raises(RobotFault, match="was stopped"):
        driver.act(Command(world.q))
    time.sleep(0.03)
    assert not world.sent("move")


def test_targets_outside_our_range_are_never_sent(driver, world):
    q = np.array(OURS.position.upper) + 0.01
    with pytest.raises(RobotFault, match="outside the arm's range"):
        driver.act(Command(q))
    assert not world.sent("move")


def test_calls_do_not_wait_for_a_robot_that_died(driver, world):
    driver.act(Command(world.q + 0.2))
    world.dead = True
    slowest, failed = 0.0, False
    end = time.monotonic() + 3 * BLOCKS
    while time.monotonic() < end:
        before = time.perf_counter()
        try:
            driver.observe()
            driver.act(Command(world.q))
        except RobotFault as fault:
            failed = True
            assert "connection" in str(fault) or "clock has stood still" in str(fault)
        slowest = max(slowest, time.perf_counter() - before)
        time.sleep(0.01)
    assert failed
    assert slowest < BLOCKS / 2, "a call waited for the reading that blocks"


def test_a_robot_that_stands_still_shows_it(driver, world):
    driver.act(Command(world.q + 0.1))
    time.sleep(0.05)
    world.frozen = True
    time.sleep(0.05)
    first = driver.observe()
    time.sleep(0.1)
    second = driver.observe()
    assert second.clock == first.clock and second.received == first.received
    with pytest.raises(RobotFault, match="stood still"):
        until(lambda: driver.observe() is None)
    assert world.sent("stop"), "what can be tried was tried"
    assert not driver.at_rest(0.05), "nobody can tell"


def test_connects_anew_when_a_person_asks(driver, world):
    world.dead = True
    with pytest.raises(RobotFault):
        until(lambda: driver.observe() is None)
    until(lambda: driver._link.lost)
    assert len(world.sent("robot")) == 1, "nothing is tried again by itself"
    with pytest.raises(RobotFault):
        driver.recover()
    with pytest.raises(RobotFault, match="not connected"):
        driver.observe()
    world.dead = False
    driver.recover()
    assert driver.observe().mode == "idle"
    driver.act(Command(world.q))


def test_readings_tell_mode_and_errors(driver, world):
    world.mode = RobotMode.UserStopped
    until(lambda: driver.observe().mode == "user-stopped")
    with pytest.raises(RobotFault, match="user-stopped"):
        driver.act(Command(world.q))
    with pytest.raises(RobotFault, match="stop button"):
        driver.recover()
    world.mode = RobotMode.Idle
    driver.recover()
    driver.act(Command(world.q))


def test_no_fault_is_recovered_from_by_itself(driver, world):
    driver.act(Command(world.q + 0.3))
    until(lambda: world.sent("move"))
    world.reflex()
    with pytest.raises(RobotFault, match="reflex"):
        until(lambda: driver.observe() is None)
    time.sleep(0.05)
    assert not world.sent("recover")
    assert driver.at_rest(2.0)
    driver.recover()
    assert len(world.sent("recover")) == 1
    assert driver.observe().errors == ()


def test_a_stop_during_a_recovery_is_not_undone_by_it(driver, world):
    """A person asked for the one and then for the other."""
    world.while_recovering = lambda: driver.stop("the operator")
    driver.stop("before")
    with pytest.raises(RobotFault, match="stopped while it was made ready"):
        driver.recover()
    with pytest.raises(RobotFault, match="was stopped"):
        driver.act(Command(world.q))
    world.while_recovering = lambda: None
    driver.recover()
    driver.act(Command(world.q))


def test_a_late_target_is_not_sent(driver, world, monkeypatch):
    monkeypatch.setattr("toto_bench.deploy.drivers.franky.motion._LATE", -1.0)
    driver.act(Command(world.q))
    with pytest.raises(RobotFault, match="could only be sent after"):
        until(lambda: driver.observe() is None)
    assert not world.sent("move")


def test_close_lets_go_of_everything(world):
    before = threading.active_count()
    driver = FrankyDriver("127.0.0.1", simulated=True)
    driver.connect()
    driver.act(Command(world.q + 0.5))
    driver.close()
    driver.close()
    until(lambda: threading.active_count() <= before)
    assert world.robot.motion is None
    driver.connect()
    driver.observe()
    driver.close()

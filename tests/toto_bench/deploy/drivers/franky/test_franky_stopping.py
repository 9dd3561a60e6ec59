"""Smooth stops, hard stops, and who may call them; on a fake robot."""

import signal
import threading
import time

import numpy as np
import pytest

from tests.toto_bench.deploy.drivers.franky.test_franky_driver import until
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.types import Command


def begin(driver, world):
    driver.act(Command(world.q + 0.5))
    until(lambda: world.robot.motion is not None)


def test_a_stop_brakes_smoothly_once(driver, world):
    begin(driver, world)
    driver.stop("first")
    driver.stop("its echo")
    assert driver.at_rest(2.0)
    time.sleep(0.03)
    assert len(world.sent("brake")) == 1 and not world.sent("stop")
    with pytest.raises(RobotFault, match=r"was stopped \(first\)"):
        driver.act(Command(world.q))


def test_a_second_stop_breaks_the_motion_off(driver, world):
    begin(driver, world)
    world.sluggish = True
    driver.stop("first")
    time.sleep(0.2)
    driver.stop("second")
    until(lambda: world.sent("stop"))
    assert driver.at_rest(2.0)
    driver.stop("third")
    time.sleep(0.02)
    assert len(world.sent("stop")) == 1
    driver.observe()
    driver.recover()
    driver.act(Command(world.q))


def test_braking_that_does_not_end_is_broken_off(driver, world, monkeypatch):
    monkeypatch.setattr("toto_bench.deploy.drivers.franky.brakes._BRAKING", 0.05)
    begin(driver, world)
    world.sluggish = True
    driver.stop("once")
    until(lambda: world.sent("stop"))
    assert driver.at_rest(2.0)


def test_a_stop_at_rest_sends_nothing(driver, world):
    driver.stop("at rest")
    time.sleep(0.3)
    driver.stop("at rest, again")
    time.sleep(0.03)
    assert not world.sent("brake") and not world.sent("stop")


def test_nothing_is_sent_after_a_stop(driver, world):
    """Threads send as fast as they can while one stops: no motion begins after the brake."""
    ended = threading.Event()

    def send():
        while not ended.is_set():
            try:
                driver.act(Command(world.q + 0.01))
            except RobotFault:
                return

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    driver.stop("meanwhile")
    for thread in threads:
        thread.join(5)
    ended.set()
    assert driver.at_rest(2.0)
    kinds = [call[0] for call in world.calls if call[0] in {"move", "brake"}]
    assert kinds[-1] == "brake"
    count = len(world.calls)
    time.sleep(0.05)
    assert len(world.calls) == count


def test_a_signal_handler_may_stop(driver, world):
    """Also while the main thread holds the lock of the link."""
    begin(driver, world)
    before = signal.signal(signal.SIGALRM, lambda *_: driver.stop("a signal"))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with pytest.raises(RobotFault, match="a signal"):
            until(lambda: driver.act(Command(world.q)) or driver.observe() is None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert driver.at_rest(2.0)


def test_stops_never_raise(driver, world):
    world.robot.stop = lambda: (_ for _ in ()).throw(RuntimeError("Net Exception"))
    begin(driver, world)
    world.sluggish = True
    driver.stop("first")
    time.sleep(0.2)
    driver.stop("second")
    with pytest.raises(RobotFault, match="connection"):
        until(lambda: driver.observe() is None)
    driver.stop("third")
    world.sluggish = False


def test_reset_is_slow_and_ends_the_motion(driver, world):
    start = world.q + np.array([0.2, 0, 0, 0, 0, 0, 0.1])
    driver.reset(start, gripper=1.0, interrupted=lambda: False)
    assert np.allclose(world.q, start)
    assert world.robot.motion is None
    assert [call[3] for call in world.sent("move")] == [False, True]
    driver.reset(start, gripper=1.0, interrupted=lambda: False)
    assert len(world.sent("home")) == 1, "homed once"


def test_reset_is_no_faster_than_usual_where_limits_are_wide(world):
    from toto_bench.deploy.drivers.franky import FrankyDriver
    from toto_bench.deploy.limits import WorkingLimits

    driver = FrankyDriver("127.0.0.1", simulated=True, limits=WorkingLimits(speed_factor=0.8))
    driver.connect()
    driver.reset(world.q + 0.01, interrupted=lambda: False)
    assert world.sent("move")[0][2] == pytest.approx(0.25)
    driver.close()


def test_an_interrupted_reset_stops(driver, world):
    begun = time.monotonic()
    with pytest.raises(RobotFault, match="interrupted"):
        driver.reset(world.q + 0.5, interrupted=lambda: time.monotonic() - begun > 0.15)
    assert driver.at_rest(2.0)


def test_a_blocked_reset_gives_up(driver, world, monkeypatch):
    monkeypatch.setattr("toto_bench.deploy.drivers.franky.resetting._SLACK", 0.2)
    monkeypatch.setattr("tests.toto_bench.deploy.drivers.franky.fake.SPEED", 0.0)
    with pytest.raises(RobotFault, match="in its way"):
        driver.reset(world.q + 0.02, interrupted=lambda: False)

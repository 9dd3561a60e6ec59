"""Stopping, failing, closing."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.limits import JOINTS, Vector
from toto_bench.deploy.types import Command
from toto_bench.testing.drivers.rig import (
    NEAR,
    PERIOD,
    REST,
    STEP,
    Rig,
    begin,
    expect_fault,
    expect_rest,
    observe,
    wait,
)

_CALLS = 12


def check_stop(rig: Rig) -> None:
    """After a stop the arm stands and takes no commands, until somebody makes it ready again."""
    begin(rig)
    target = observe(rig).q + 5 * STEP
    rig.driver.act(Command(target))
    wait(rig, PERIOD / 2)
    rig.driver.stop("the contract")
    rig.driver.stop("again")
    expect_rest(rig)
    left = float(np.abs(target - observe(rig).q).max())
    assert left >= STEP, "The arm went on to its target after it was stopped."
    expect_fault("`act` after `stop`", lambda: rig.driver.act(Command(rig.start)))
    expect_fault("`reset` after `stop`", lambda: rig.driver.reset(rig.start, interrupted=lambda: False))
    rig.driver.recover()
    where = observe(rig).q
    rig.driver.act(Command(where))
    wait(rig, PERIOD)
    assert np.abs(observe(rig).q - where).max() <= NEAR, "The arm moved when it was made ready again."


def check_stop_from_threads(rig: Rig) -> None:
    """Two threads stop while a third goes on sending."""
    begin(rig)
    where = observe(rig).q
    with ThreadPoolExecutor(2) as pool:
        stops = []
        for number in range(_CALLS):
            try:
                rig.driver.act(Command(where + STEP))
            except RobotFault:
                break
            if number == 2:
                stops = [pool.submit(rig.driver.stop, f"thread {each}") for each in (1, 2)]
            wait(rig, PERIOD / 5)
        for stop in stops:
            assert stop.exception(timeout=REST) is None, f"`stop` raised {stop.exception()!r} in a thread."
    expect_rest(rig)
    expect_fault("`act` after `stop` from a thread", lambda: rig.driver.act(Command(where)))


def check_reset_interrupted(rig: Rig) -> None:
    """Somebody says stop on the way, or another thread stops the arm."""
    begin(rig)
    expect_fault("An interrupted `reset`", lambda: rig.driver.reset(rig.start, interrupted=lambda: True))
    expect_rest(rig)
    expect_fault("`act` after an interrupted `reset`", lambda: rig.driver.act(Command(rig.start)))
    rig.driver.recover()

    def stopping() -> bool:
        rig.driver.stop("in the middle of a reset")
        return False

    expect_fault("A stopped `reset`", lambda: rig.driver.reset(rig.start + STEP, interrupted=stopping))
    expect_rest(rig)


def check_bad_target(rig: Rig) -> None:
    """What no arm can follow is refused at once or at the next call, and the arm stands."""
    begin(rig)
    for bad in (np.full(JOINTS, np.nan), np.full(JOINTS, 100.0)):

        def twice(target: Vector = bad) -> None:
            rig.driver.act(Command(target))
            wait(rig, PERIOD)
            rig.driver.observe()
            rig.driver.act(Command(target))

        expect_fault(f"The target {bad[0]}", twice)
        rig.driver.stop("a bad target")
        expect_rest(rig)
        rig.driver.recover()


def check_fault(rig: Rig) -> None:
    """A robot that stops by itself says so at the next call, and everything can still be called."""
    if rig.fail is None:
        return
    begin(rig)
    where = observe(rig).q
    rig.driver.act(Command(where + STEP))
    rig.fail()
    wait(rig, PERIOD)

    def both() -> None:
        rig.driver.observe()
        rig.driver.act(Command(where))

    expect_fault("A robot that stopped by itself", both)
    rig.driver.stop("after a fault")
    rig.driver.at_rest(0.1)
    expect_fault("`act` after a fault", lambda: rig.driver.act(Command(where)))
    rig.driver.close()


def check_close(rig: Rig) -> None:
    """After `close` the robot is let go, on the way as well."""
    begin(rig)
    rig.driver.act(Command(observe(rig).q + STEP))
    rig.driver.close()
    rig.driver.close()
    rig.driver.stop("closed")
    rig.driver.at_rest(0.1)
    expect_fault("`act` after `close`", lambda: rig.driver.act(Command(rig.start)))
    expect_fault("`observe` after `close`", rig.driver.observe)

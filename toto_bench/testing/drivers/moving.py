"""Reading, sending, going to a start pose."""

import statistics
import time

import numpy as np

from toto_bench.deploy.types import Command
from toto_bench.testing.drivers.rig import (
    NEAR,
    PERIOD,
    STEP,
    Rig,
    begin,
    expect_fault,
    expect_rest,
    observe,
    wait,
)

ACT = 0.005
"""s that `act` may take, by the contract."""
_CALLS = 12


def check_unconnected(rig: Rig) -> None:
    """Before `connect` nothing is read or sent, and stopping and closing do no harm."""
    info = rig.driver.info()
    assert info.driver and info.arm in ("fer", "fr3"), f"`info` does not say what is driven: {info}."
    expect_fault("`observe` without `connect`", rig.driver.observe)
    expect_fault("`act` without `connect`", lambda: rig.driver.act(Command(rig.start)))
    rig.driver.stop("not connected")
    assert not rig.driver.at_rest(0.1), "`at_rest` is true of a robot that nobody is connected to."
    rig.driver.close()
    rig.driver.close()


def check_readings(rig: Rig) -> None:
    """Readings are whole, new, and stamped with times that grow."""
    rig.driver.connect()
    first = observe(rig)
    wait(rig, 3 * PERIOD)
    second = observe(rig)
    assert second.clock > first.clock, f"The robot's clock stands still at {first.clock} s."
    assert second.received > first.received, "`received` stands still."
    assert rig.clock.now() - second.received <= PERIOD, "A reading is older than 0.1 s."


def check_acting(rig: Rig) -> None:
    """Targets are handed over at once, and the arm goes there."""
    begin(rig)
    where = observe(rig).q
    took = []
    for number in range(1, _CALLS + 1):
        observe(rig)
        before, virtual = time.perf_counter(), rig.clock.now()
        rig.driver.act(Command(where + min(number, 5) * STEP, 1.0))
        took.append(max(time.perf_counter() - before, 0.0))
        assert not rig.clock.now() - virtual > ACT + took[-1], "`act` lets time pass."
        wait(rig, PERIOD)
    assert statistics.median(took) <= ACT, (
        f"`act` takes {1000 * statistics.median(took):.1f} ms; 5 ms it may."
    )
    moved = observe(rig).q - where
    assert np.abs(moved - 5 * STEP).max() <= NEAR, f"The arm went by {moved} instead of {5 * STEP} rad."


def check_reset(rig: Rig) -> None:
    """The start pose is reached, and the arm stands there."""
    begin(rig)
    rig.driver.reset(rig.start, gripper=1.0, interrupted=lambda: False)
    away = float(np.abs(observe(rig).q - rig.start).max())
    assert away <= NEAR, f"After `reset` the arm is {away:.3f} rad from its start pose."
    expect_rest(rig)

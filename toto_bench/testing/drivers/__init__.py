"""The contract of robot drivers: what the runner and a person beside the arm rely on, simulated or real."""

from collections.abc import Callable

from toto_bench.testing.drivers.moving import check_acting, check_readings, check_reset, check_unconnected
from toto_bench.testing.drivers.rig import Rig
from toto_bench.testing.drivers.stopping import (
    check_bad_target,
    check_close,
    check_fault,
    check_reset_interrupted,
    check_stop,
    check_stop_from_threads,
)

__all__ = ["CHECKS", "Rig", "check_driver", "run_check"]

CHECKS: tuple[Callable[[Rig], None], ...] = (
    check_unconnected,
    check_readings,
    check_acting,
    check_stop,
    check_stop_from_threads,
    check_reset,
    check_reset_interrupted,
    check_bad_target,
    check_fault,
    check_close,
)
"""The parts of `check_driver`; each takes a fresh rig (`run_check`)."""


def check_driver(make: Callable[[], Rig]) -> None:
    """Hold a driver against its contract.

    `act` returns within 5 ms; what goes wrong is raised by the next call; `stop` may be called in every state, twice,
    and from two threads, and the arm then stands and takes no commands until `recover`; `reset` arrives, or is
    interrupted and the arm stands; `close` may be called twice. The arm moves by a few hundredths of a radian about
    `Rig.start`.

    Args:
        make: a fresh rig for each check; it is closed afterwards.

    Raises:
        AssertionError: says what does not hold.
    """
    for check in CHECKS:
        run_check(check, make)


def run_check(check: Callable[[Rig], None], make: Callable[[], Rig]) -> None:
    """One of `CHECKS` on a fresh rig, which is closed afterwards."""
    rig = make()
    try:
        check(rig)
    finally:
        rig.driver.close()

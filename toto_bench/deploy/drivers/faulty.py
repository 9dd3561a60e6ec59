"""An arm that fails on purpose: any driver, and the faults that are known of real ones."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from toto_bench.deploy.clock import Clock
from toto_bench.deploy.driver import RobotDriver, RobotFault, RobotInfo
from toto_bench.deploy.drivers.faults import SPOILT, Fault, FaultKind
from toto_bench.deploy.limits import Vector
from toto_bench.deploy.types import Command, RobotState


class FaultyDriver:
    """Wraps a driver. `stop` and `at_rest` always reach it, so that tests can see whether the arm stands."""

    def __init__(self, driver: RobotDriver, faults: Sequence[Fault], clock: Clock) -> None:
        """Nothing fails yet.

        Args:
            driver: the arm.
            faults: the first that hits a call counts.
            clock: that of the driver; slow calls take its time.
        """
        self._driver, self._faults, self._clock = driver, list(faults), clock
        self._calls: dict[str, int] = {}
        self._last: RobotState | None = None
        self._reflex = False
        self._released = threading.Event()
        self.stops: list[str] = []
        """Reasons of all calls of `stop`."""

    def add(self, fault: Fault) -> None:
        """Have it fail from now on; the calls of the fault's method count anew."""
        self._calls[fault.on] = 0
        self._faults.append(fault)

    def release(self) -> None:
        """Let hanging calls go on."""
        self._released.set()

    def info(self) -> RobotInfo:
        """The driver's own."""
        return self._driver.info()

    def connect(self) -> None:
        """As the driver."""
        self._hit("connect")
        self._driver.connect()

    def observe(self) -> RobotState:
        """As the driver, or worse."""
        fault = self._hit("observe")
        if fault is FaultKind.FROZEN and self._last is not None:
            return replace(self._last, received=self._clock.now())
        self._last = self._driver.observe()
        return SPOILT[fault](self._last) if fault in SPOILT else self._last

    def act(self, command: Command) -> None:
        """As the driver, or not at all."""
        if self._hit("act") is not FaultKind.FROZEN:
            self._driver.act(command)

    def stop(self, reason: str) -> None:
        """As the driver."""
        self.stops.append(reason)
        self._driver.stop(reason)

    def at_rest(self, timeout: float) -> bool:
        """As the driver."""
        return self._driver.at_rest(timeout)

    def reset(self, q: Vector, *, gripper: float = 1.0, interrupted: Callable[[], bool]) -> None:
        """As the driver."""
        self._hit("reset")
        self._driver.reset(q, gripper=gripper, interrupted=interrupted)

    def recover(self) -> None:
        """As the driver; a reflex is over, and faults strike again."""
        self._reflex = False
        self._driver.recover()

    def close(self) -> None:
        """As the driver; hanging calls return."""
        self._released.set()
        self._driver.close()

    def _hit(self, on: str) -> FaultKind | None:
        """Do what a fault does before a call, and say which it is."""
        call = self._calls.get(on, 0)
        self._calls[on] = call + 1
        fault = next((fault for fault in self._faults if fault.hits(on, call)), None)
        kind = fault.kind if fault else None
        if fault is not None and kind is FaultKind.SLOW:
            self._clock.sleep_until(self._clock.now() + fault.seconds)
        elif kind is FaultKind.HANG:
            self._released.wait()
        elif kind is FaultKind.BARE_ERROR:
            raise RuntimeError("Net Exception")
        elif kind is FaultKind.INTERRUPTED:
            raise KeyboardInterrupt
        elif kind is FaultKind.REFLEX and not self._reflex:
            self._reflex = True
            self._driver.stop("reflex")
        if self._reflex and on in ("observe", "act", "reset"):
            raise RobotFault("The robot stopped by itself: motion aborted by reflex (cartesian_reflex).")
        return kind

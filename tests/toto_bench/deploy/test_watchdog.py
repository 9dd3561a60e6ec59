"""The watchdog: it barks when nobody feeds it, once, and never when it is fed or asleep."""

import threading
import time

import pytest

from toto_bench.deploy.clock import MonotonicClock, VirtualClock
from toto_bench.deploy.watchdog import Watchdog


def test_in_virtual_time() -> None:
    clock, stops = VirtualClock(), []
    dog = Watchdog(stops.append, 0.3, clock)
    clock.sleep_until(10.0)
    assert not stops, "it sleeps until it is started"
    dog.start()
    for moment in (10.2, 10.4, 10.6):
        clock.sleep_until(moment)
        dog.feed()
    assert not stops
    clock.sleep_until(10.9)
    assert not stops
    clock.sleep_until(11.0)
    clock.sleep_until(12.0)
    assert len(stops) == 1 and "0.40 s (more than 0.30 s)" in stops[0]
    assert dog.fired == stops[0]
    dog.end()


def test_after_its_end_it_is_still() -> None:
    clock, stops = VirtualClock(), []
    dog = Watchdog(stops.append, 0.3, clock)
    dog.start()
    dog.end()
    dog.end()
    clock.sleep_until(10.0)
    assert not stops and dog.fired is None


def test_in_real_time_it_needs_nobody() -> None:
    """Its own thread stops the arm while this one does nothing."""
    stopped, where = threading.Event(), []

    def stop(reason: str) -> None:
        where.append(threading.current_thread().name)
        stopped.set()

    dog = Watchdog(stop, 0.05, MonotonicClock())
    dog.start()
    assert stopped.wait(60)
    assert where == ["watchdog"]
    dog.end()


def test_in_real_time_it_is_quiet_while_it_is_fed() -> None:
    stops: list[str] = []
    dog = Watchdog(stops.append, 5.0, MonotonicClock())
    dog.start()
    for _ in range(10):
        time.sleep(0.01)
        dog.feed()
    dog.end()
    assert not stops


class Broken(MonotonicClock):
    """Works until it is broken."""

    def __init__(self, answer: float | None) -> None:
        self.answer, self.broken = answer, False

    def now(self) -> float:
        if not self.broken:
            return super().now()
        if self.answer is None:
            raise OSError("no clock")
        return self.answer


@pytest.mark.parametrize("answer", [None, float("nan"), float("inf")])
def test_a_watchdog_that_cannot_tell_the_time_stops_the_arm(answer: float | None) -> None:
    """It does not die in silence."""
    stopped, clock = threading.Event(), Broken(answer)
    dog = Watchdog(lambda reason: stopped.set(), 0.05, clock)
    dog.start()
    clock.broken = True
    assert stopped.wait(60)
    assert dog.fired is not None
    dog.end()


def test_its_end_does_not_wait_for_a_stop_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toto_bench.deploy.watchdog._JOIN", 0.05)
    hanging, release = threading.Event(), threading.Event()

    def stop(reason: str) -> None:
        hanging.set()
        release.wait(60)

    dog = Watchdog(stop, 0.02, MonotonicClock())
    dog.start()
    assert hanging.wait(60)
    dog.end()
    release.set()

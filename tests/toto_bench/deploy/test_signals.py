"""Signals become requests; what was before them comes back."""

import os
import signal
import threading

import pytest

from toto_bench.deploy.signals import SIGNALS, StopSignals


def kill(number: int = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_asks(number: signal.Signals) -> None:
    stops: list[str] = []
    with StopSignals(stops.append) as signals:
        assert not signals.is_requested()
        kill(number)
        assert signals.is_requested() and signals.requested is number
    assert not stops


def test_the_second_stops_from_a_thread_of_its_own() -> None:
    """The handler may have interrupted a line that holds the driver's lock."""
    lock, stopped = threading.Lock(), threading.Event()

    def stop(reason: str) -> None:
        with lock:
            stopped.set()

    with StopSignals(stop) as signals:
        with lock:
            kill()
            kill(signal.SIGTERM)
            assert not stopped.is_set()
        assert stopped.wait(60)
    assert signals.requested is signal.SIGINT


def test_the_third_breaks_off_only_what_may_be() -> None:
    with StopSignals(lambda reason: None) as signals:
        for _ in range(5):
            kill()
        with pytest.raises(KeyboardInterrupt), signals.breaking():
            kill()
        kill()


def test_handlers_come_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with StopSignals(lambda reason: None):
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_outside_the_main_thread_nothing_is_taken_over() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def run() -> None:
        with StopSignals(lambda reason: None) as signals:
            seen.append(signal.getsignal(signal.SIGINT))
            signals.request()
            seen.append(signals.is_requested())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before, True]


@pytest.mark.parametrize("name", ["SIGTSTP", "SIGQUIT"])
def test_what_is_pressed_in_a_hurry_stops_too(name: str) -> None:
    """Ctrl-Z would freeze the program, its watchdog included, while the arm goes on to its target."""
    with StopSignals(lambda reason: None) as signals:
        kill(getattr(signal, name))
        assert signals.requested is getattr(signal, name)


def test_the_second_needs_no_new_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that would have to start one may find none left."""
    stopped = threading.Event()
    with StopSignals(lambda reason: stopped.set()):
        monkeypatch.setattr(threading.Thread, "start", None)
        kill()
        kill()
        assert stopped.wait(60)


def test_a_stop_that_raises_does_not_end_stopping() -> None:
    reasons: list[str] = []
    twice = threading.Event()

    def stop(reason: str) -> None:
        reasons.append(reason)
        if len(reasons) == 2:
            twice.set()
        raise RuntimeError("broken")

    with StopSignals(stop):
        for _ in range(3):
            kill()
        assert twice.wait(60)

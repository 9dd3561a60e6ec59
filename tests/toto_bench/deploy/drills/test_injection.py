"""Something raises at every single call of everything that a trial needs: the arm always stands, the end is on disk."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import toto_bench.deploy.guard as guard_package
import toto_bench.deploy.runner as runner_package
from toto_bench.deploy.clock import VirtualClock
from toto_bench.deploy.runner import Ending
from toto_bench.deploy.trials import Ended, Started, read_journal

PARTS = ("driver", "camera", "policy", "log")
GUARD = {"seconds": 60.0, "steps": 2}


class WordlessError(RuntimeError):
    """An exception that cannot even be told."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


ERRORS = (RuntimeError, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, WordlessError)


class Trigger:
    """Counts calls, all or those of one name, and raises at one of them."""

    def __init__(self, at: int, error: type[BaseException], only: str = "") -> None:
        self.at, self.error, self.only, self.calls = at, error, only, 0
        self.where = ""

    def __call__(self, where: str) -> None:
        if self.only not in ("", where):
            return
        self.calls += 1
        if self.calls - 1 == self.at:
            self.where = where
            raise self.error(f"injected into {where}")


class Failing:
    """Passes everything on; the trigger sees every call first. A stop gets through, and raises afterwards."""

    def __init__(self, inner: Any, name: str, trigger: Trigger) -> None:
        self._inner, self._name, self._trigger = inner, name, trigger

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not callable(value):
            return value

        def call(*arguments: Any, **options: Any) -> Any:
            if name != "stop":
                self._trigger(f"{self._name}.{name}")
                return value(*arguments, **options)
            value(*arguments, **options)
            return self._trigger(f"{self._name}.{name}")

        return call


class FailingClock(VirtualClock):
    """Fails for the runner alone once it is armed."""

    trigger: Trigger | None = None

    def now(self) -> float:
        if self.trigger is not None and sys._getframe(1).f_globals["__name__"].startswith(RUNNERS):
            self.trigger("clock.now")
        return super().now()

    def sleep_until(self, moment: float) -> None:
        if self.trigger is not None and sys._getframe(1).f_globals["__name__"].startswith(RUNNERS):
            self.trigger("clock.sleep_until")
        super().sleep_until(moment)


AFTER = ("summary", "<dictcomp>", "percentile", "counts", "dropped")
"""What is asked of the loop when it is over and the arm was told to stop."""
RUNNERS = ("toto_bench.deploy.runner", "toto_bench.deploy.watchdog")


def broken_trial(make_bench: Callable[..., Any], trigger: Trigger) -> tuple[Any, Any, Ending | None]:
    """The bench, its real arm and the ending; None where the trial could not even be begun."""
    clock = FailingClock()
    bench = make_bench(guard=GUARD, clock=clock)
    for path in (bench.journal, bench.log.path):
        path.unlink(missing_ok=True)
    bench.connect()
    arm = bench.driver
    runner = bench.runner
    for part in PARTS:
        setattr(bench, part, Failing(getattr(bench, part), part, trigger))

    def armed() -> Any:
        built = runner()
        clock.trigger, trigger.calls = trigger, 0
        return built

    bench.runner = armed
    trigger.calls = -1000
    try:
        return bench, arm, bench.run()
    except trigger.error:
        return bench, arm, None
    finally:
        clock.trigger = None


def expect_standing(bench: Any, arm: Any, ending: Ending | None, where: str) -> None:
    events = read_journal(bench.journal).events
    if ending is None:
        assert not any(isinstance(event, Started) for event in events), f"{where}: begun, and no ending"
        assert where == "log.begin", f"{where}: an exception got out of a trial"
    else:
        assert arm.stops, f"{where}: the arm was not told to stop"
        assert isinstance(events[-1], Ended), f"{where}: the journal has no end"
        assert events[-1].outcome == ending.outcome
    assert arm.at_rest(5.0), f"{where}: the arm moves"
    arm.close()


@pytest.mark.parametrize(("first", "error"), list(enumerate(ERRORS)))
def test_at_calls(make_bench: Callable[..., Any], first: int, error: type[BaseException]) -> None:
    """Every fifth call, beginning elsewhere for each kind of error; together they are nearly all."""
    number = first
    while True:
        trigger = Trigger(number, error)
        bench, arm, ending = broken_trial(make_bench, trigger)
        if not trigger.where:
            break
        expect_standing(bench, arm, ending, trigger.where)
        number += 5
    assert ending is not None and ending.outcome == "completed", "the trial without a fault"
    assert number > 40


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize(
    "where",
    ["driver.stop", "driver.at_rest", "driver.act", "driver.info", "log.tick", "log.end", "policy.act"],
)
def test_at_the_first_call_of(make_bench: Callable[..., Any], where: str, error: type[BaseException]) -> None:
    trigger = Trigger(0, error, where)
    bench, arm, ending = broken_trial(make_bench, trigger)
    assert trigger.where == where
    expect_standing(bench, arm, ending, where)


@contextmanager
def raising_at_line(at: int, error: type[BaseException], done: list[str]) -> Iterator[None]:
    """Raise at one line of loop, guard and what they use, as a signal or a full memory may."""
    folders = tuple(str(Path(package.__file__).parent) for package in (runner_package, guard_package))
    outside = ("runner.py", "conclude.py", "verdict.py", "trial.py", "unwritten.py", "record.py", "ending.py")
    count = 0

    def lines(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        if event == "line":
            count += 1
            if count - 1 == at:
                done.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")
                raise error("injected")
        return lines

    def calls(frame: Any, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        inside = name.startswith(folders) and not name.endswith(outside)
        return lines if inside and frame.f_code.co_name not in AFTER else None

    sys.settrace(calls)
    try:
        yield
    finally:
        sys.settrace(None)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_at_lines_of_the_loop(make_bench: Callable[..., Any], error: type[BaseException]) -> None:
    """Every eleventh line: which ones are met differs between the two by an offset."""
    number = 0 if error is MemoryError else 5
    while True:
        bench = make_bench(guard=GUARD)
        for path in (bench.journal, bench.log.path):
            path.unlink(missing_ok=True)
        bench.connect()
        done: list[str] = []
        runner = bench.runner()
        bench.runner = lambda built=runner: built
        try:
            with raising_at_line(number, error, done):
                ending = bench.run()
        except error:
            pytest.fail(f"{done}: an exception got out of a trial")
        if not done:
            break
        expect_standing(bench, bench.driver, ending, done[0])
        number += 11
    assert number > 300


@pytest.mark.parametrize("words", ["a name of bytes: \udcff", "zero: \0", "", "x" * 100_000])
def test_words_that_no_file_takes_do_not_cost_the_end(make_bench: Callable[..., Any], words: str) -> None:
    """As in the name of a device that is no UTF-8."""
    bench = make_bench(guard=GUARD)
    bench.connect()

    def spoil(number: int, chunk: Any) -> None:
        raise OSError(words)

    bench.policy.spoil = spoil
    ending = bench.run()
    assert bench.driver.stops and ending.at_rest
    assert bench.ended.message == ending.message

"""Processes that work side by side, and end with the one that started them, however that ends."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed, wait
from contextlib import contextmanager
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Generic, Self, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def count_processors() -> int:
    """Processors that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


class Workers(Generic[Job, Result]):
    """Spawned processes; each imports what it needs.

    They hold the reading end of a pipe whose other end is here: when it closes, because this process was interrupted or
    killed, they end at once. The pool alone would leave them waiting forever.
    """

    def __init__(self, count: int, *, patient: bool = True) -> None:
        """Start them.

        Args:
            count: how many.
            patient: after an error they end what they are at; else they end at once.
        """
        self._count, self._patient = count, patient
        context = multiprocessing.get_context("spawn")
        reader, self._lifeline = context.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(count, context, initializer=_hold, initargs=(reader,))

    def run(self, work: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[Job, Future[Result]]]:
        """Call `work` with every job; each is yielded with its result or error, in the order of ending."""
        self._start()
        with _deaf_to_interrupts():
            futures = {self._pool.submit(work, job): job for job in jobs}
        for future in as_completed(futures):
            yield futures[future], future

    def _start(self) -> None:
        """Start all processes, and have the pool take note of them.

        The thread that watches them looks up which there are whenever something happens. One that is started with the
        last job and killed in it would not be missed before another job ends; after this something has happened.
        """
        with _deaf_to_interrupts():
            started = [self._pool.submit(_nothing) for _ in range(self._count)]
        wait(started)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """After an error let them end what they are at, if patient; after an interrupt do not wait for it."""
        if kind is not None and not (self._patient and issubclass(kind, Exception)):
            self._lifeline.close()
        self._pool.shutdown(cancel_futures=True)
        self._lifeline.close()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """What is started here does not see Ctrl-C: it is for the process that started it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _nothing() -> None:
    """Be called."""


def _hold(lifeline: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    """End this process when the other end of the pipe closes: nothing is ever sent."""
    lifeline.poll(None)
    os._exit(1)

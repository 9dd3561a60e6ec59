"""Seconds of a long stage, on disk while it runs: a killed session counts up to its last moments."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from toto_bench.files import DiskError
from toto_bench.tasks.context import RunContext

EVERY = 5.0
"""Seconds from one note to the next."""


@contextmanager
def counted(context: RunContext, stage: str) -> Iterator[None]:
    """Count the time of a stage, of sessions that are killed in it too.

    Args:
        context: of the run.
        stage: whose seconds they are.
    """
    begun, over = time.perf_counter(), Event()

    def note() -> None:
        seconds = context.all_seconds()
        seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - begun
        context.save_state(_name(context), seconds)

    def tick() -> None:
        while not over.wait(EVERY):
            with suppress(DiskError):  # what the run itself writes next says it
                note()

    thread = Thread(target=tick, daemon=True)
    thread.start()
    try:
        with context.stage(stage):
            try:
                yield
            finally:
                over.set()
                thread.join()
    finally:
        with suppress(DiskError):  # seconds are not worth an error of their own
            context.save_state(_name(context), context.all_seconds())


def _name(context: RunContext) -> str:
    return f"seconds-{context.rank}"

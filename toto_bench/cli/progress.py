"""Progress on stderr: a bar with rate and remaining time on a terminal, a line now and then in a log."""

import sys
import time

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

SECONDS_BETWEEN_LINES = 30.0


class _Rate(ProgressColumn):
    """Steps per second."""

    def render(self, task: Task) -> Text:
        """The rate, or nothing while it is not known."""
        return Text(f"{task.speed:.2f}/s" if task.speed else "", style="dim")


class TerminalProgress:
    """Says how far a run is."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._title, self._total, self._done = "", 0, 0
        self._started = self._said = 0.0

    def start(self, title: str, total: int) -> None:
        """A stage of `total` steps begins."""
        self._title, self._total, self._done = title, total, 0
        self._started = self._said = time.monotonic()
        if total == 0 or not sys.stderr.isatty():
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=self._console, transient=True, speed_estimate_period=60)
        self._bar.add_task(title, total=total)
        self._bar.start()

    def advance(self, steps: int = 1) -> None:
        """Steps are done."""
        self._done += steps
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0], steps)
        elif time.monotonic() - self._said > SECONDS_BETWEEN_LINES and not sys.stderr.isatty():
            self._say_line()

    def stop(self) -> None:
        """The stage is over."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def say(self, text: str) -> None:
        """A line for the user."""
        self._console.print(text, markup=False)

    def _say_line(self) -> None:
        self._said = time.monotonic()
        rate = self._done / (self._said - self._started)
        remaining = (self._total - self._done) / rate if rate else float("nan")
        self.say(f"{self._title}: {self._done}/{self._total}, {rate:.2f}/s, {remaining / 60:.1f} min left")

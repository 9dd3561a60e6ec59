"""Bytes to whole MB of progress, over several connections."""

from toto_bench.backbones.download.errors import MEGABYTE
from toto_bench.progress import Progress


class Meter:
    """Tells of every MB once, also when the file is fetched from its beginning again."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._title = f"{name}, MB"
        self._started = False
        self._told = 0

    def begin(self, size: int, total: int | None) -> None:
        """The first connection stands: `size` bytes are here already."""
        if not self._started:
            self._started = True
            self._progress.start(self._title, (total or 0) // MEGABYTE)
            self.reached(size)

    def reached(self, size: int) -> None:
        """So many bytes are here."""
        if (steps := size // MEGABYTE - self._told) > 0:
            self._progress.advance(steps)
            self._told += steps

    def say(self, text: str) -> None:
        """A line for the user."""
        self._progress.say(text)

    def stop(self) -> None:
        """It is over."""
        if self._started:
            self._progress.stop()

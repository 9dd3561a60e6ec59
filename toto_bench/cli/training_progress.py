"""Progress of a training: the bar, and loss and speed beside it."""

from toto_bench.cli.progress import TerminalProgress
from toto_bench.progress import Silent


class TrainingProgress(TerminalProgress):
    """Says how far a training is, and how it does."""

    def __init__(self) -> None:
        super().__init__()
        self._plain = ""

    def start(self, title: str, total: int) -> None:
        """A stage of `total` steps begins."""
        self._plain = title
        super().start(title, total)

    def note(self, text: str) -> None:
        """Show this beside the title from now on."""
        self._title = f"{self._plain} ({text})"
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], description=self._title)


class SilentTraining(Silent):
    """For all processes but the first."""

    def note(self, text: str) -> None:
        """Say nothing."""

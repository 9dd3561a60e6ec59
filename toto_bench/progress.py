"""Where long work says how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Where a run says how far it is."""

    def start(self, title: str, total: int) -> None:
        """A stage of `total` steps begins."""
        ...

    def advance(self, steps: int = 1) -> None:
        """Steps are done."""
        ...

    def stop(self) -> None:
        """The stage is over."""
        ...

    def say(self, text: str) -> None:
        """A line for the user."""
        ...


class Silent:
    """Progress for scripts and tests: says nothing."""

    def start(self, title: str, total: int) -> None:
        """Say nothing."""

    def advance(self, steps: int = 1) -> None:
        """Say nothing."""

    def stop(self) -> None:
        """Say nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""

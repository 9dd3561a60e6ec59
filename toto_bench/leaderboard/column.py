"""A column of a Markdown table."""

from collections.abc import Callable
from dataclasses import dataclass

from toto_bench.leaderboard.rows import Row


@dataclass(frozen=True)
class Column:
    """A heading, and the cell of a row."""

    heading: str
    """First line of the table."""
    cell: Callable[[Row], str]
    """Text, not yet escaped."""
    numeric: bool = False
    """Whether it is set right."""

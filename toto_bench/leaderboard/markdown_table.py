"""A table in Markdown."""

from collections.abc import Iterable, Sequence


def table_lines(headings: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool]) -> list[str]:
    """A Markdown table; numeric columns are set right."""
    rules = ["---:" if right else "---" for right in numeric]
    return [_line(headings), "| " + " | ".join(rules) + " |", *(_line(row) for row in rows)]


def escape(text: str) -> str:
    """Text that cannot leave its cell."""
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(escape(cell) for cell in cells) + " |"

"""What a check says: problems, which have to be mended, and notes, which are worth knowing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import urlparse

from toto_bench.errors import TotoBenchError

Value = TypeVar("Value")
_LONGEST_REASON = 300


class Finding(NamedTuple):
    """One thing that was found."""

    key: str
    """Where: a key of the card, or a line of a table; empty for the whole."""
    text: str
    """A sentence or two, with the key: what was found, and what would be right."""
    is_note: bool = False
    """Whether it is worth knowing rather than wrong."""


def problem(key: str, text: str) -> Finding:
    """Something wrong at a key of a card."""
    return Finding(key, f"`{key}` {text}")


def note(key: str, text: str) -> Finding:
    """Something worth knowing about a key of a card."""
    return Finding(key, f"`{key}` {text}", is_note=True)


def is_address(text: str) -> bool:
    """Whether it is the address of something on the web."""
    parts = attempt(lambda: urlparse(text))
    return not isinstance(parts, Failed) and parts.scheme in ("http", "https") and bool(parts.netloc)


@dataclass
class Subject:
    """What was looked at, and all that was found."""

    name: str
    """A card's name, or that of a table, a file or a folder."""
    kind: str
    """`task`, `backbone`, `table`, `file`, `folder` or `plug-ins`."""
    path: Path | None = None
    """Its file."""
    findings: list[Finding] = field(default_factory=list)
    """In the order of the checks."""

    @property
    def problems(self) -> list[Finding]:
        """What has to be mended."""
        return [finding for finding in self.findings if not finding.is_note]

    @property
    def notes(self) -> list[Finding]:
        """What is worth knowing."""
        return [finding for finding in self.findings if finding.is_note]


@dataclass(frozen=True)
class Failed:
    """What came of code that raised."""

    error: BaseException
    """What it raised."""

    @property
    def reason(self) -> str:
        """The error in one line, without a stop at its end."""
        text = " ".join(str(self.error).split())
        text = text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}..."
        return f"{type(self.error).__name__}: {text}".rstrip(".: ")


def attempt(call: Callable[[], Value]) -> Value | Failed:
    """What a call returns, or what it raised: code of a plug-in may raise anything, or end the process."""
    try:
        return call()
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever it is becomes a finding
        return Failed(error)


def explained(failed: Failed) -> str:
    """Our own errors are sentences already; others are named."""
    return str(failed.error) if isinstance(failed.error, TotoBenchError) else f"{failed.reason}."

"""Protocol values of rows: as text, against the preset, against what a paper states."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from toto_bench.cards import TaskCard
from toto_bench.leaderboard.rows import Comparison, Row
from toto_bench.results.record import RunRecord


def as_text(value: Any) -> str:
    """A protocol value in a cell: 224 and 224.0 alike, words bare, lists and flags as JSON.

    >>> as_text(224.0), as_text("square"), as_text(True), as_text([1, 0.5])
    ('224', 'square', 'true', '[1, 0.5]')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return repr(value) if type(value) in (int, float) else json.dumps(value)


def changed_values(record: RunRecord) -> tuple[str, ...]:
    """`name=value` of what differs from the preset, as the run itself kept it."""
    return tuple(f"{name}={as_text(value)}" for name, value in record.changed.items())


def stated_values(text: str) -> dict[str, str]:
    """The column `protocol_values`: `name=value;...`."""
    pairs = (pair.partition("=") for pair in text.split(";") if pair)
    return {name.strip(): value.strip() for name, _, value in pairs}


def stated_names(rows: Iterable[Row], card: TaskCard) -> tuple[str, ...]:
    """Protocol values that any published row of the task states, in the card's order."""
    named = {name for row in rows for name in stated_values(row.protocol_values)}
    return tuple(name for name in card.protocol if name in named)


def compare(row: Row, published: Sequence[Row], card: TaskCard) -> Comparison | None:
    """The measured row against the nearest published row of its backbone.

    None for untrained weights, floors, other data and incomplete results, where the paper has no such row, and where
    it states no protocol value to compare: agreement with an unknown protocol would mean nothing.
    """
    provenance = row.provenance
    if (
        provenance is None
        or provenance.floor
        or provenance.weights == "random"
        or not (provenance.comparable and provenance.complete)
    ):
        return None
    candidates = [
        Comparison(other, _differing(provenance.protocol, other), None)
        for other in published
        if other.backbone == row.backbone and other.protocol_values
    ]
    if not candidates:
        return None
    nearest = min(candidates, key=lambda candidate: len(candidate.differing))
    if not nearest.matches:
        return nearest
    return Comparison(nearest.published, (), _difference(row, nearest.published, card.primary))


def _differing(protocol: dict[str, Any], published: Row) -> tuple[str, ...]:
    return tuple(
        f"{name} {as_text(protocol.get(name, 'absent'))}, paper {value}"
        for name, value in stated_values(published.protocol_values).items()
        if name not in protocol or not same_value(protocol[name], value)
    )


def same_value(found: Any, text: str) -> bool:
    """Whether a protocol value is the one written in a table; 256, 256.0 and `256` are one value."""
    if as_text(found).casefold() == text.casefold():
        return True
    try:
        return not isinstance(found, bool) and float(found) == float(text)
    except (TypeError, ValueError):
        return False


def _difference(row: Row, published: Row, metric: str) -> float | None:
    ours, theirs = row.numbers.get(metric), published.numbers.get(metric)
    if ours is None or theirs is None or ours.value is None or theirs.value is None:
        return None
    return ours.value - theirs.value

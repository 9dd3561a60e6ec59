"""Labelled items of a data set, whatever its layout."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from toto_bench.media.sources import Source

NAMED = 5
"""Of many names, those that a message shows."""


class Example(NamedTuple):
    """A labelled item."""

    name: str
    """The same in every layout, for items of the official data."""
    label: int
    """Class index, from 0."""
    source: Source | None
    """Its file; None where it is listed and not there."""


@dataclass(frozen=True)
class Examples:
    """A data set for classification."""

    root: Path
    """Where it lies."""
    layout: str
    """Which of the accepted layouts it is."""
    classes: tuple[str, ...]
    """Names of classes in the order of their indices."""
    titles: tuple[str, ...]
    """The same in words, for pictures and tables."""
    order: str
    """How the order of classes is known: what an index means, and what proves it."""
    official: bool
    """Whether the classes are those of the official data, in their order."""
    train: tuple[Example, ...]
    """To train on, in a fixed order."""
    val: tuple[Example, ...]
    """To be scored, in a fixed order."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Items whose lines in the lists cannot be used, with the reason."""
    warnings: tuple[str, ...] = ()
    """What is odd but does no harm."""


def count_per_class(examples: Iterable[Example], classes: int) -> list[int]:
    """Files that are there, for each class index."""
    counts = Counter(example.label for example in examples if example.source)
    return [counts[label] for label in range(classes)]


def lacking_classes(examples: Examples) -> list[str]:
    """Names of classes that are scored and have no training item: no probe can learn them."""
    trained = {example.label for example in examples.train if example.source}
    scored = {example.label for example in examples.val if example.label >= 0}
    return [examples.classes[label] for label in sorted(scored - trained)]


def some(names: Iterable[str]) -> str:
    """The first of many names, for a message."""
    listed = list(names)
    return ", ".join(listed[:NAMED]) + (f" and {len(listed) - NAMED:,} more" if len(listed) > NAMED else "")


def fingerprint_of(examples: Examples) -> str:
    """Hash of classes, and of (split, name, byte size, label) of every example.

    It says the same of the same files in every layout; -1 is the size of what is missing or cannot be looked at.
    """
    hasher = hashlib.sha256("\n".join(examples.classes).encode())
    for split, own in (("train", examples.train), ("val", examples.val)):
        for example in sorted(own):
            hasher.update(f"\n{split} {example.name} {_size(example)} {example.label}".encode())
    return hasher.hexdigest()


def _size(example: Example) -> int:
    try:
        return example.source.size() if example.source else -1
    except OSError:
        return -1

"""What keeps items from being read: missing, unusable in the lists, or known not to decode."""

from collections.abc import Sequence
from typing import Literal

from toto_bench.errors import DataError
from toto_bench.media.manifest import Manifest, Probe
from toto_bench.tasks.recognition.examples import Example, Examples, lacking_classes, some

Unit = Literal["images", "videos"]
MISSING = "missing"
"""Begins the problem of an item that is listed and not there."""
UNREADABLE = "unreadable"
"""Begins the problem of an item whose file does not decode."""


def find_problems(
    examples: Sequence[Example], data: Examples, unit: Unit, look: Probe | None = None
) -> dict[str, str]:
    """Item to what keeps it from being read.

    Args:
        examples: a split of `data`.
        data: the data set; what was found out about its files earlier is remembered.
        unit: what items are.
        look: reads a file: then all that are not known yet are looked at, in parallel; None = only what is known.
    """
    manifest = Manifest(data.root, unit)
    there = {example.name: example.source for example in examples if example.source}
    if look is not None:
        # In the order in which they lie, which archives and Parquet files are read fastest in.
        manifest.probe(dict(sorted(there.items(), key=lambda item: item[1][:2])), look)
    known = manifest.problems(there)
    found: dict[str, str] = {}
    for example in examples:
        if example.name in data.faults:
            found[example.name] = data.faults[example.name]
        elif example.source is None:
            found[example.name] = f"{MISSING}: it is listed, and no file of it is there"
        elif example.name in known:
            found[example.name] = f"{UNREADABLE}: {example.source}: {known[example.name]}"
    return found


def training_examples(data: Examples, unit: Unit) -> tuple[tuple[Example, ...], dict[str, str]]:
    """The items to train on, in a fixed order, and those that are left out, with the reason; none is ever replaced.

    Raises:
        DataError: nothing is left, or a class that is scored has no training item.
    """
    left_out = find_problems(data.train, data, unit)
    kept = tuple(example for example in data.train if example.name not in left_out)
    if not kept:
        raise DataError(
            f"{data.root} has no {unit} to train on ({data.layout}): probes are trained on `train` and scored on "
            "`val`. Restore that split."
        )
    if lacking := lacking_classes(data):
        raise DataError(
            f"{len(lacking)} classes of `val` in {data.root} have nothing in `train` ({some(lacking)}): no probe can "
            "learn them. Restore their files."
        )
    return kept, left_out

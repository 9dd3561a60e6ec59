"""Whether a run on disk is what its record says, as far as that can be told without the data."""

import math
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from toto_bench.cards import TaskCard, UnknownNameError, task_cards
from toto_bench.errors import TotoBenchError
from toto_bench.files import sha256_of
from toto_bench.results.folder import RECORD_FILE, read_record
from toto_bench.results.identity import Identity, protocol_hash
from toto_bench.results.items import ITEMS_FILE
from toto_bench.results.left_out import left_out_of
from toto_bench.results.record import Metric, RunRecord

_FRACTIONS = ("%", "mAP")
"""Units whose metrics are fractions; differences of such (a decay) may be negative."""


class Finding(NamedTuple):
    """What was found in one run."""

    problems: tuple[str, ...]
    """What is not as the record says; none: the run is good."""
    notes: tuple[str, ...] = ()
    """What could not be looked at, and why."""


def verify_run(folder: Path) -> Finding:
    """Hold the folder of a finished run against its record.

    Looked at: record, name, identity, protocol hash, digest of the items, artifacts, bounds of the metrics. An edited
    metric that stays in its bounds is not noticed here: for that the predictions have to be scored again.
    """
    try:
        record = read_record(folder / RECORD_FILE)
    except TotoBenchError as error:
        return Finding((str(error),))
    left_out = left_out_of(folder)
    problems = (
        *record_problems(folder, record),
        *_items(folder, record),
        *_artifacts(folder, record, left_out),
    )
    notes = (f"{len(left_out)} files were left out when it was exported",) if left_out else ()
    return Finding(problems, notes)


def record_problems(folder: Path, record: RunRecord) -> Iterator[str]:
    """What is wrong with a record in itself, whatever lies beside it."""
    yield from _names(folder, record)
    yield from _identity(record)
    yield from _numbers(record)


def identity_of(record: RunRecord) -> Identity:
    """The identity that the fields of a record amount to."""
    return Identity(
        task=record.task,
        task_version=record.task_version,
        backbone=record.backbone.name,
        architecture=record.backbone.architecture,
        weights=record.backbone.weights,
        preprocessing=record.backbone.preprocessing,
        protocol_hash=protocol_hash(record.protocol),
        fingerprint=record.data.fingerprint,
        seed=record.seed,
        dtype=record.environment.dtype,
        limit=record.limit,
        allow_missing=record.allow_missing,
    )


def _names(folder: Path, record: RunRecord) -> Iterator[str]:
    name = folder.absolute().name
    if name != record.id:
        yield f"the folder is called `{name}`, its record `{record.id}`"
    own = identity_of(record).run_id
    again = record.id.removeprefix(f"{own}-")
    if record.id != own and not (again != record.id and again.isdecimal()):
        yield f"its id `{record.id}` is not that of its identity, `{own}`"


def _identity(record: RunRecord) -> Iterator[str]:
    if protocol_hash(record.protocol) != record.protocol_hash:
        yield "the hash of the protocol is not that of its values: a value was changed"
    if identity_of(record).hash != record.identity:
        yield (
            "the identity is not that of the values it is made of: task, backbone, protocol, data, seed, dtype, limit "
            "or allow_missing was changed"
        )


def _items(folder: Path, record: RunRecord) -> Iterator[str]:
    path = folder / ITEMS_FILE
    if record.items_sha256 is None:
        yield f"the record has no digest of {ITEMS_FILE}"
    elif not path.is_file():
        yield f"{ITEMS_FILE} is missing"
    elif sha256_of(path) != record.items_sha256:
        yield f"{ITEMS_FILE} is not the file that the run wrote: its digest is another one"


def _artifacts(folder: Path, record: RunRecord, left_out: frozenset[str]) -> Iterator[str]:
    root = folder.resolve()
    for title, where in record.artifacts.items():
        path = PurePosixPath(where)
        if path.is_absolute() or ".." in path.parts or not (root / path).resolve().is_relative_to(root):
            yield f"the artifact `{title}` ({where}) leads out of the folder"
        elif where not in left_out and not (root / path).is_file():
            yield f"the artifact `{title}` ({where}) is missing"


def _numbers(record: RunRecord) -> Iterator[str]:
    card = task_cards().get(record.task)
    if not record.metrics:
        yield "there are no metrics"
    for name, metric in record.metrics.items():
        yield from (f"the metric `{name}` {problem}" for problem in _metric(name, metric, card))
    if not 0 <= record.coverage.scored <= record.coverage.listed:
        yield f"coverage is {record.coverage.scored} of {record.coverage.listed}"
    if record.finished < record.started:
        yield "it was finished before it was started"


def _metric(name: str, metric: Metric, card: TaskCard | None) -> Iterator[str]:
    values = [value for value in (metric.value, metric.low, metric.high) if value is not None]
    if not all(math.isfinite(value) for value in values):
        yield "is not finite"
    elif metric.low is not None and metric.high is not None and metric.low > metric.high:
        yield f"has an interval from {metric.low} to {metric.high}"
    if metric.n < 0:
        yield f"is over {metric.n} items"
    if card is None:
        return
    try:
        unit = card.metric(name).unit
    except UnknownNameError:
        yield f"is none of the task `{card.name}`"
        return
    if unit in _FRACTIONS and any(abs(value) > 1 for value in values):
        yield f"is a fraction, but holds {max(values, key=abs)}"

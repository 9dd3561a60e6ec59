"""Measured rows: records that differ only in seed become one row."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from toto_bench.cards import TaskCard
from toto_bench.leaderboard.protocols import as_text, changed_values
from toto_bench.leaderboard.row_cost import cost_over_seeds
from toto_bench.leaderboard.rows import Provenance, Row
from toto_bench.leaderboard.seeds import over_seeds
from toto_bench.results.record import RunRecord

CARD = "card"
"""What a record says of weights that are the card's own."""


class RowKey(NamedTuple):
    """Everything but the seed that can change a result. Rows of different keys are never merged."""

    task: str
    task_version: int
    backbone: str
    architecture: str
    weights: str
    preprocessing: str
    protocol_hash: str
    data: str
    fingerprint: str
    dtype: str
    allow_missing: bool


def measured_rows(
    records: Iterable[RunRecord], cards: Mapping[str, TaskCard], stated: Mapping[str, Sequence[str]]
) -> list[Row]:
    """One row for each key. A seed that was run twice counts once, with the run that ended last.

    Args:
        records: unlimited ones.
        cards: of their tasks.
        stated: by task, the protocol values that make up the column `setting`.
    """
    grouped: dict[RowKey, dict[int, RunRecord]] = {}
    for record in sorted(records, key=lambda record: (record.finished.timestamp(), record.id)):
        grouped.setdefault(row_key(record), {})[record.seed] = record
    return [
        _row([seeds[seed] for seed in sorted(seeds)], cards[key.task], stated.get(key.task, ()))
        for key, seeds in sorted(grouped.items())
    ]


def row_key(record: RunRecord) -> RowKey:
    """The key of a record; untrained weights differ from seed to seed, and are one row all the same."""
    backbone, data = record.backbone, record.data
    return RowKey(
        record.task,
        record.task_version,
        backbone.name,
        backbone.architecture,
        _weights(record),
        backbone.preprocessing,
        record.protocol_hash,
        data.name,
        data.fingerprint,
        record.environment.dtype,
        record.allow_missing,
    )


def _row(records: Sequence[RunRecord], card: TaskCard, stated: Sequence[str]) -> Row:
    first = records[0]
    provenance = _provenance(records)
    names = list(dict.fromkeys(name for record in records for name in record.metrics))
    protocol = ", ".join([provenance.preset, *provenance.changed])
    if first.task_version != card.version:
        protocol += f", task version {first.task_version}"
    values = {name: as_text(value) for name, value in first.protocol.items()}
    return Row(
        task=first.task,
        method=first.backbone.name,
        backbone=first.backbone.name,
        architecture=first.backbone.architecture,
        parameters_m=f"{first.cost.parameters / 1e6:.4g}" if first.cost.parameters else "",
        setting=", ".join(f"{name}={values[name]}" for name in stated if name in values),
        protocol=protocol,
        protocol_values=";".join(f"{name}={value}" for name, value in values.items()),
        group="",
        source="",
        numbers={name: over_seeds([record.metrics.get(name) for record in records]) for name in names},
        provenance=provenance,
        cost=cost_over_seeds(records),
    )


def _provenance(records: Sequence[RunRecord]) -> Provenance:
    """What stands behind a row.

    Its records have equal weights, so that what one of them knows of where these come from holds for all.
    """
    changes = {record.preset: changed_values(record) for record in records}
    preset = min(changes, key=lambda name: (len(changes[name]), name))
    first = records[0]
    coverage = min((record.coverage for record in records), key=lambda c: c.scored / max(c.listed, 1))
    return Provenance(
        runs=tuple(record.id for record in records),
        seeds=tuple(record.seed for record in records),
        preset=preset,
        changed=changes[preset],
        protocol=first.protocol,
        protocol_hash=first.protocol_hash,
        task_version=first.task_version,
        data=first.data.name,
        fingerprint=first.data.fingerprint,
        comparable=first.data.comparable,
        dtype=first.environment.dtype,
        weights=_weights(first),
        checkpoint=min((record.backbone.checkpoint for record in records), key=lambda c: (c != CARD, c)),
        scored=coverage.scored,
        listed=coverage.listed,
        version=_distinct(record.environment.toto_bench for record in records),
        revision=_distinct(_revision(record) for record in records),
        floor=first.backbone.floor,
        pretraining=tuple(sorted({name for record in records for name in record.backbone.pretraining})),
    )


def _weights(record: RunRecord) -> str:
    backbone = record.backbone
    untrained = backbone.checkpoint == "random" or backbone.weights.startswith("random:")
    return "random" if untrained else backbone.weights


def _revision(record: RunRecord) -> str:
    revision = record.environment.revision or ""
    return f"{revision}-dirty" if revision and record.environment.dirty else revision


def _distinct(values: Iterable[str]) -> str:
    return " ".join(sorted({value for value in values if value}))

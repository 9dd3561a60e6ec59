"""Learning curves over seeds: the primary metric over steps, of runs that differ only in seed.

A table in a run's folder `curves` is one where it has the columns `steps` and that of the task's primary metric.
"""

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toto_bench.cards import TaskCard
from toto_bench.errors import TotoBenchError
from toto_bench.leaderboard.measured import RowKey, row_key
from toto_bench.leaderboard.protocols import changed_values
from toto_bench.leaderboard.rows import Number
from toto_bench.leaderboard.scan import record_files
from toto_bench.leaderboard.seeds import over_seeds
from toto_bench.results.folder import read_record
from toto_bench.results.record import Metric, RunRecord

STEPS = "steps"
"""The column that makes a table a learning curve."""


@dataclass(frozen=True)
class LearningCurve:
    """The primary metric over steps, of some seeds."""

    key: RowKey
    """What its runs have in common."""
    name: str
    """Of the table: who learnt."""
    protocol: str
    """Preset, and the values that differ from it."""
    floor: bool
    """Whether the backbone is a reference without learning."""
    runs: tuple[str, ...]
    """Ids, in the order of seeds."""
    seeds: tuple[int, ...]
    """One per run."""
    points: tuple[tuple[int, Number], ...]
    """Steps, and the mean with its interval over seeds; of one seed, that of its own record."""


@dataclass(frozen=True)
class _Run:
    record: RunRecord
    tables: Mapping[str, Mapping[int, Metric]]


def learning_curves(
    runs: Sequence[Path], cards: Mapping[str, TaskCard], tasks: Collection[str]
) -> list[LearningCurve]:
    """Curves of all finished runs without `--limit`; a damaged record or table is left out.

    Args:
        runs: folders whose sub-folders are runs.
        cards: of the tasks that there are.
        tasks: those that are asked for.
    """
    grouped: dict[RowKey, dict[int, _Run]] = {}
    for one in sorted(
        _found(runs, cards, tasks), key=lambda one: (one.record.finished.timestamp(), one.record.id)
    ):
        grouped.setdefault(row_key(one.record), {})[one.record.seed] = one
    return [
        _curve(key, name, [seeds[seed] for seed in sorted(seeds)])
        for key, seeds in sorted(grouped.items())
        for name in dict.fromkeys(name for one in seeds.values() for name in one.tables)
    ]


def _found(runs: Sequence[Path], cards: Mapping[str, TaskCard], tasks: Collection[str]) -> Iterable[_Run]:
    for path in record_files(runs):
        try:
            record = read_record(path)
        except TotoBenchError:
            continue  # the leaderboard has named it
        if record.task not in tasks or record.task not in cards or record.limit is not None:
            continue
        primary = cards[record.task].primary
        tables = {file.stem: _table(file, primary) for file in sorted((path.parent / "curves").glob("*.csv"))}
        if found := {name: table for name, table in tables.items() if table}:
            yield _Run(record, found)


def _table(path: Path, metric: str) -> dict[int, Metric]:
    """By steps; empty where the table is no learning curve."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            if not {STEPS, metric} <= set(reader.fieldnames or ()):
                return {}
            return {int(row[STEPS]): _metric(row, metric) for row in reader if row[metric]}
    except (OSError, ValueError, TypeError, csv.Error):
        return {}


def _metric(row: Mapping[str, str], metric: str) -> Metric:
    low, high = row.get("low"), row.get("high")
    return Metric(
        value=float(row[metric]),
        low=float(low) if low else None,
        high=float(high) if high else None,
        n=int(row.get("episodes") or 0),
        method="as the run has it",
    )


def _curve(key: RowKey, name: str, runs: Sequence[_Run]) -> LearningCurve:
    there = [one for one in runs if name in one.tables]
    steps = sorted(set.intersection(*(set(one.tables[name]) for one in there)))
    first = there[0].record
    return LearningCurve(
        key=key,
        name=name,
        protocol=", ".join([first.preset, *changed_values(first)]),
        floor=first.backbone.floor,
        runs=tuple(one.record.id for one in there),
        seeds=tuple(one.record.seed for one in there),
        points=tuple((step, over_seeds([one.tables[name][step] for one in there])) for step in steps),
    )

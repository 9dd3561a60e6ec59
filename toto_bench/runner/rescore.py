"""Scoring a finished run again from its predictions, and comparing every number with its record."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from toto_bench.cards import task_cards
from toto_bench.errors import TotoBenchError
from toto_bench.results.items import read_items
from toto_bench.results.left_out import is_prediction, left_out_of
from toto_bench.results.record import SAMPLE, Metric, RunRecord
from toto_bench.results.verify import Finding
from toto_bench.runner.data import MissingDataError, find_data
from toto_bench.runner.tasks import load_task
from toto_bench.tasks.base import DataReport, Outcome, Rescorable

_FIELDS = ("value", "low", "high", "n", "method", "selection")


def rescore_run(folder: Path, record: RunRecord, data: str | None = None) -> Finding:
    """Whether the files of a run give the numbers of its record, to the last digit.

    Args:
        folder: of the run.
        record: of the run.
        data: where the data lies; None: where it lay when the run was made.

    Raises:
        MissingDataError: there is no data in the place that was named.
    """
    try:
        return _rescore(folder, record, data)
    except ValidationError as error:
        return Finding((f"its protocol is not one of `{record.task}`: {error.errors()[0]['msg']}",))
    except MissingDataError as error:
        if data is not None:
            raise
        return Finding((), (f"not scored again: {error}",))
    except TotoBenchError as error:
        return Finding((f"it cannot be scored again: {error}",))


def _rescore(folder: Path, record: RunRecord, data: str | None) -> Finding:
    task = load_task(record.task) if record.task in task_cards() else None
    if not isinstance(task, Rescorable):
        return Finding((), (_why_not(record.task),))
    if any(map(is_prediction, left_out_of(folder))):
        return Finding((), ("not scored again: its predictions were left out when it was exported",))
    if task.card.version != record.task_version:
        return Finding((f"it is of version {record.task_version} of the task, this is {task.card.version}",))
    protocol = task.protocol.model_validate(record.protocol)
    report = task.check(find_data(task, data or _place(record)), protocol)
    if report.fingerprint != record.data.fingerprint:
        return Finding(
            (f"{report.path} is other data than it was made with: its fingerprint is another one",)
        )
    outcome = _score(task, folder, report, protocol, record)
    return Finding((*_numbers(outcome, record), *_items(outcome, folder)))


def _why_not(task: str) -> str:
    if task in task_cards():
        return f"not scored again: `{task}` keeps no predictions"
    return f"not scored again: there is no task `{task}` here. Is it of a plug-in? Name it with `--plugin-dir DIR`"


def _place(record: RunRecord) -> str:
    """The sample is on every machine, wherever it lay on the one that made the run."""
    return SAMPLE if record.data.name == SAMPLE else record.data.path


def _score(task: Rescorable, folder: Path, report: DataReport, protocol: Any, record: RunRecord) -> Outcome:
    return task.rescore(
        folder,
        report,
        protocol,
        seed=record.seed,
        limit=record.limit,
        allow_missing=record.allow_missing,
    )


def _numbers(outcome: Outcome, record: RunRecord) -> Iterator[str]:
    for name in dict.fromkeys([*record.metrics, *outcome.metrics]):
        recorded, found = record.metrics.get(name), outcome.metrics.get(name)
        if recorded is None or found is None:
            yield f"the metric `{name}` is only in the {'record' if found is None else 'scores'}"
        else:
            yield from (f"the metric `{name}`: {difference}" for difference in _differences(recorded, found))
    ours, theirs = record.coverage, outcome.coverage
    if (ours.scored, ours.listed) != (theirs.scored, theirs.listed):
        yield (
            f"coverage is {ours.scored} of {ours.listed} in the record, {theirs.scored} of {theirs.listed} scored again"
        )


def _differences(recorded: Metric, found: Metric) -> Iterator[str]:
    for field in _FIELDS:
        ours, theirs = getattr(recorded, field), getattr(found, field)
        if ours != theirs:
            yield f"its {field} is {ours} in the record, {theirs} scored again"


def _items(outcome: Outcome, folder: Path) -> Iterator[str]:
    rows = read_items(folder)
    if len(rows) != len(outcome.items):
        yield f"there are {len(rows)} items on disk, {len(outcome.items)} scored again"
    elif differing := sum(
        _plain(ours) != _plain(theirs) for ours, theirs in zip(rows, outcome.items, strict=True)
    ):
        yield f"{differing} of {len(rows)} items on disk are not those scored again"


def _plain(row: dict[str, Any]) -> str:
    """A row as text: every digit, and NaN equal to itself."""
    return json.dumps({name: value for name, value in row.items() if value is not None}, sort_keys=True)

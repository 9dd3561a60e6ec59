"""The contract of tasks: what a run, a table and a user rely on, checked on the task's sample."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from toto_bench.results.items import read_items
from toto_bench.results.record import SAMPLE
from toto_bench.runner.execute import RunResult, run
from toto_bench.runner.request import RunRequest
from toto_bench.runner.tasks import build_protocol, load_task
from toto_bench.tasks.base import Scorable, Task
from toto_bench.tasks.context import RunContext

FLOOR = "pixels"
"""The backbone that every task is run with: it has no weights and reads any size."""


def check_task(name: str, folder: Path) -> None:
    """Hold a task against its contract, with the `pixels` floor on its sample.

    Card and protocol model name the same values, every preset is valid, a run gives all metrics, items, coverage and
    artifacts; predictions that it wrote score the same; a finished run is found again; a run that is stopped after its
    first item and repeated gives the same numbers and items to the last digit; `--limit` and `--seed` work.

    Args:
        name: of a task card.
        folder: empty, for the sample and the runs; the user's home is left alone.

    Raises:
        AssertionError: says what does not hold.
    """
    with _home(folder / "home"):
        task = load_task(name)
        _check_card(task)
        result = _run(name, folder / "runs")
        _check_result(task, result)
        _check_score(task, result)
        again = _run(name, folder / "runs")
        assert again.reused, (
            f"The same run of `{name}` is computed twice: `check` or `resolve` is not repeatable."
        )
        _check_interruption(name, folder / "stopped", result)
        _check_limit(name, folder / "limited", result)
        other = _run(name, folder / "runs", seed=1)
        assert not other.reused, f"Two seeds of `{name}` are one run."
        assert other.record.metrics.keys() == result.record.metrics.keys(), "Seeds give different metrics."


def _check_card(task: Task[Any]) -> None:
    """Every protocol value has a type in code and a source in the card; every preset is a valid protocol."""
    card, name = task.card, task.card.name
    typed, sourced = set(task.protocol.model_fields), set(card.protocol)
    assert typed == sourced, (
        f"The card of `{name}` and its class {task.protocol.__name__} name different values. Only in the card: "
        f"{', '.join(sorted(sourced - typed)) or 'none'}. Only in the class: "
        f"{', '.join(sorted(typed - sourced)) or 'none'}."
    )
    for preset in card.presets:
        build_protocol(task, preset, {})
    assert SAMPLE in card.presets, f"The card of `{name}` has no preset `{SAMPLE}`: `--data sample` takes it."


def _check_result(task: Task[Any], result: RunResult) -> None:
    """A run on the sample has everything that a record promises."""
    record, card = result.record, task.card
    missing = {metric.name for metric in card.metrics} - set(record.metrics)
    assert not missing, f"A run of `{card.name}` lacks metrics of its card: {sorted(missing)}."
    for name in record.metrics:
        card.metric(name)
    for name, metric in record.metrics.items():
        assert metric.n > 0, f"The metric `{name}` stands on no item."
        assert metric.method, f"The metric `{name}` does not say how its interval was made (`Metric.method`)."
    assert (record.preset, record.data.name) == (SAMPLE, SAMPLE), (
        "The sample did not take the preset `sample`."
    )
    assert record.backbone.floor, f"`{FLOOR}` is a floor, but the record does not say so."
    coverage = record.coverage
    assert coverage.scored == coverage.listed > 0, (
        f"Of the sample {coverage.scored} of {coverage.listed} items were scored: all have to be."
    )
    assert read_items(result.path), f"A run of `{card.name}` has no rows in `Outcome.items`."
    for title, path in record.artifacts.items():
        assert (result.path / path).stat().st_size > 0, f"The artifact `{title}` ({path}) is empty."


def _check_score(task: Task[Any], result: RunResult) -> None:
    """Of a task whose predictions are files, `score` on the files of a run gives the run's numbers."""
    if not isinstance(task, Scorable):
        return
    protocol = task.protocol.model_validate(result.record.protocol)
    report = task.check(Path(result.record.data.path), protocol)
    outcome = task.score(next((result.path / "predictions").iterdir()), report, protocol)
    scored = {name: metric.value for name, metric in outcome.metrics.items()}
    found = {name: metric.value for name, metric in result.record.metrics.items()}
    assert scored == found, f"`score` on the files of a run gives {scored}, the run itself {found}."


def _check_interruption(name: str, out: Path, whole: RunResult) -> None:
    """A run that is stopped after its first item and repeated is as if it had never been stopped."""
    commit = RunContext.commit

    def commit_and_stop(context: RunContext, identifier: str, row: Any) -> None:
        commit(context, identifier, row)
        raise _StoppedError

    try:
        with patch.object(RunContext, "commit", commit_and_stop):
            _run(name, out)
    except _StoppedError:
        pass
    else:
        raise AssertionError(f"`{name}` commits no item (`context.commit`): a killed run would start anew.")
    repeated = _run(name, out).record
    assert repeated.metrics == whole.record.metrics, "A run that was stopped and repeated has other metrics."
    assert repeated.items_sha256 == whole.record.items_sha256, (
        "A run that was stopped and repeated has other items: their values or their order depend on the session."
    )


def _check_limit(name: str, out: Path, whole: RunResult) -> None:
    """`--limit 1` scores one item, and says why the others are missing."""
    coverage = _run(name, out, limit=1).record.coverage
    listed = whole.record.coverage.listed
    assert (coverage.scored, coverage.listed) == (1, listed), (
        f"`--limit 1` scored {coverage.scored} of {coverage.listed} items, not 1 of {listed}."
    )
    assert len(coverage.missing) == listed - 1, "`--limit 1`: the coverage does not name what was left out."


class _StoppedError(BaseException):
    """Stops a run; no task catches it."""


def _run(name: str, out: Path, *, seed: int = 0, limit: int | None = None) -> RunResult:
    return run(RunRequest(task=name, backbone=FLOOR, data=SAMPLE, out=out, seed=seed, limit=limit))


@contextmanager
def _home(folder: Path) -> Iterator[None]:
    """Another home for data and caches, so that the sample is written anew."""
    with patch.dict(os.environ, TOTO_BENCH_HOME=str(folder.resolve())):
        yield

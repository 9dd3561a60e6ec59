"""How results are shown: a table for people, JSON for programs."""

import json
import math
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from toto_bench.cards import find_task
from toto_bench.cli.runs_text import table_lines
from toto_bench.leaderboard.metrics import metric_title
from toto_bench.results.record import Coverage, Metric

if TYPE_CHECKING:
    from toto_bench.runner.execute import RunResult
    from toto_bench.tasks.base import Outcome


REASONS_SHOWN = 5
"""Items whose reason for not being scored is told; the record has all."""


MOST_ROWS = 100
"""Of a table of items on the screen."""


def echo_result(result: "RunResult") -> None:
    """The numbers of a run, and where everything lies."""
    record = result.record
    if result.reused:
        click.echo("This run was finished before; `--again` repeats it.", err=True)
    title = f"{record.task} · {record.backbone.name} · preset {record.preset} · data {record.data.name}"
    echo_metrics(title, record.task, record.metrics, record.coverage)
    for text in record.warnings:
        click.echo(f"Note: {text}")
    if record.limit is not None:
        click.echo(f"A limited run (`--limit {record.limit}`): it enters no leaderboard.")
    click.echo(f"{'Run':<14} {result.path}")
    for name, path in record.artifacts.items():
        if not name.startswith(("overlay of", "curve over")):
            click.echo(f"{name.capitalize():<14} {result.path / path}")
    if overlays := [path for name, path in record.artifacts.items() if name.startswith("overlay of")]:
        more = f" and {len(overlays) - 1} more" if len(overlays) > 1 else ""
        click.echo(f"{'Overlays':<14} {result.path / overlays[0]}{more}")


def echo_metrics(title: str, task: str, metrics: dict[str, Metric], coverage: Coverage) -> None:
    """A table of metrics in points, with intervals and the choice behind them."""
    card = find_task(task)
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading, justify in (
        ("metric", "left"),
        ("value", "right"),
        ("95 % interval", "right"),
        ("n", "right"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    chosen = any(metric.selection for metric in metrics.values())
    if chosen:
        table.add_column("layer")
    for name, metric in metrics.items():
        info = card.metric(name)
        scale = 100 if info.unit in ("%", "mAP") else 1
        cells = [
            metric_title(card, name),
            _number(metric.value, scale),
            _interval(metric, scale),
            str(metric.n),
        ]
        table.add_row(*cells, *([metric.selection or ""] if chosen else []))
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    if reasons := {metric.method for metric in metrics.values() if metric.low is None and metric.method}:
        console.print(f"– {min(reasons)}")
    missing = coverage.listed - coverage.scored
    console.print(
        f"Coverage {coverage.scored} of {coverage.listed}" + (f", {missing} not scored" if missing else "")
    )
    for item, reason in list(coverage.missing.items())[:REASONS_SHOWN]:
        console.print(f"  {item}: {reason}", markup=False)


def echo_items(items: list[dict[str, Any]]) -> None:
    """A row per scored item: its names as they are, its fractions as points; long lists are left to the files."""
    names = [name for name, value in items[0].items() if isinstance(value, str | int | float)]
    rows = [[_cell(item[name]) for name in names] for item in items[:MOST_ROWS]]
    more = (
        f"\n... and {len(items) - MOST_ROWS:,} more (`--json` prints all)" if len(items) > MOST_ROWS else ""
    )
    click.echo("\n".join(table_lines([names, *rows])) + more + "\n")


def _cell(value: str | float) -> str:
    return f"{100 * value:.1f}" if isinstance(value, float) else str(value)


def result_json(result: "RunResult") -> dict[str, Any]:
    """What `run --json` prints."""
    from toto_bench.results.items import read_items

    record = result.record
    return _json(record.metrics, read_items(result.path), record.coverage, record.id)


def outcome_json(outcome: "Outcome") -> dict[str, Any]:
    """What `score --json` prints."""
    return _json(outcome.metrics, outcome.items, outcome.coverage, None)


def echo_json(documents: list[dict[str, Any]], *, single: bool) -> None:
    """Print one document, or a list of several; NaN is null."""
    click.echo(json.dumps(documents[0] if single else documents, allow_nan=False))


def _json(
    metrics: dict[str, Metric], items: list[dict[str, Any]], coverage: Coverage, run: str | None
) -> dict[str, Any]:
    return {
        "metrics": {
            name: {"value": m.value, "low": m.low, "high": m.high, "n": m.n} for name, m in metrics.items()
        },
        "items": [{key: _finite(value) for key, value in item.items()} for item in items],
        "coverage": {"scored": coverage.scored, "listed": coverage.listed},
        "run": run,
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: float | None, scale: int) -> str:
    return "–" if value is None else f"{scale * value:.1f}"


def _interval(metric: Metric, scale: int) -> str:
    if metric.low is None or metric.high is None:
        return "–"
    return f"{_number(metric.low, scale)} to {_number(metric.high, scale)}"

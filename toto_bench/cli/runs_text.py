"""A record as text: every value that stands in it, in sections."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from toto_bench.cards import TaskCard, task_cards
from toto_bench.leaderboard.metrics import metric_title, points, with_interval
from toto_bench.leaderboard.rows import Number
from toto_bench.results.record import Metric, RunRecord

_HEAD = (
    "id",
    "identity",
    "task",
    "task_version",
    "preset",
    "protocol_hash",
    "seed",
    "limit",
    "started",
    "finished",
)
_HEAD_END = ("command", "items_sha256", "schema_version")


def metric_text(record: RunRecord, name: str) -> str:
    """`J&F 44.8 (42.1 to 46.9)`; empty where the record has no such metric."""
    metric = record.metrics.get(name)
    card = task_cards().get(record.task)
    if metric is None or card is None:
        return ""
    number = Number(metric.value, metric.low, metric.high)
    return f"{metric_title(card, name)} {with_interval(card, name, number)}"


def record_lines(record: RunRecord, path: Path) -> list[str]:
    """Everything in the record; artifacts with their paths."""
    values = record.model_dump(mode="json")
    head = [("folder", str(path)), *((name, _text(values[name])) for name in (*_HEAD, *_HEAD_END))]
    lines = [*_section("Run", head), "", "Metrics", *_metrics(record)]
    for part in ("coverage", "protocol", "backbone", "data", "cost", "environment"):
        lines += ["", *_section(part.capitalize(), _flat(values[part]))]
    lines += [
        "",
        *_section("Artifacts", [(title, str(path / where)) for title, where in record.artifacts.items()]),
    ]
    return [*lines, "", *_section("Warnings", [("-", text) for text in record.warnings])]


def table_lines(rows: Iterable[Sequence[str]]) -> list[str]:
    """Aligned columns, the first row as headings."""
    content = list(rows)
    widths = [max(map(len, column)) for column in zip(*content, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in content
    ]


def _metrics(record: RunRecord) -> list[str]:
    card = task_cards().get(record.task)
    headings = ("name", "value", "95 % interval", "n", "layer", "interval by")
    rows = [_metric_cells(name, metric, card) for name, metric in record.metrics.items()]
    return [f"  {line}" for line in table_lines([headings, *rows])]


def _metric_cells(name: str, metric: Metric, card: TaskCard | None) -> list[str]:
    def number(value: float | None) -> str:
        if card is None:
            return _text(value)
        return points(card, name, value)

    interval = "" if metric.low is None else f"{number(metric.low)} to {number(metric.high)}"
    return [name, number(metric.value), interval, str(metric.n), metric.selection or "", metric.method or ""]


def _section(title: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    listed = list(pairs)
    width = max((len(name) for name, _ in listed), default=0)
    body = [f"  {name.ljust(width)}  {value}" for name, value in listed] or ["  none"]
    return [title, *body]


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, _text(value)


def _text(value: Any) -> str:
    if value is None:
        return "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

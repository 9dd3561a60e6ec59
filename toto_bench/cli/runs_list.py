"""`toto-bench runs list`."""

import json
from pathlib import Path
from typing import Any

import click

from toto_bench.cards import find_task, task_cards
from toto_bench.cli.options import json_option
from toto_bench.cli.runs_find import may_be_of, readable_records, runs_option, unfinished_runs
from toto_bench.cli.runs_text import metric_text, table_lines
from toto_bench.results.folder import RunFolder
from toto_bench.results.record import RunRecord

COLUMNS = (
    "id",
    "task",
    "backbone",
    "preset",
    "data",
    "primary metric (95 %)",
    "coverage",
    "seed",
    "when (UTC)",
    "",  # how to finish an unfinished run: long, so that it stands where it widens nothing
)


@click.command("list")
@runs_option
@click.option("--task", metavar="NAME", help="Only runs of this task.")
@click.option("--backbone", metavar="NAME", help="Only runs of this backbone.")
@json_option
def command(runs: Path, task: str | None, backbone: str | None, as_json: bool) -> None:
    """List runs, the oldest first; unfinished ones last."""
    if task is not None:
        find_task(task)
    records = [
        (path, record)
        for path, record in readable_records(runs)
        if task in (None, record.task) and backbone in (None, record.backbone.name)
    ]
    records.sort(key=lambda found: (found[1].finished.timestamp(), found[1].id))
    unfinished = [path for path in unfinished_runs(runs) if may_be_of(path.name, task, backbone)]
    if as_json:
        entries = [_as_json(path, record) for path, record in records]
        click.echo(json.dumps(entries + [_unfinished_json(path) for path in unfinished], allow_nan=False))
        return
    if not records and not unfinished:
        click.echo(f"No such runs in {runs}. `toto-bench run --task TASK --backbone NAME` makes one.")
        return
    rows = [_cells(record) for _, record in records] + [_unfinished_cells(path) for path in unfinished]
    click.echo("\n".join(table_lines([COLUMNS, *rows])))


def _cells(record: RunRecord) -> list[str]:
    card = task_cards().get(record.task)
    primary = card.primary if card else next(iter(record.metrics), "")
    data = record.data.name if record.limit is None else f"{record.data.name}, first {record.limit}"
    coverage = f"{record.coverage.scored}/{record.coverage.listed}"
    when = record.finished.strftime("%Y-%m-%d %H:%M")
    metric = metric_text(record, primary)
    return [
        record.id,
        record.task,
        record.backbone.name,
        record.preset,
        data,
        metric,
        coverage,
        str(record.seed),
        when,
        "",
    ]


def _unfinished_cells(path: Path) -> list[str]:
    items = len(list((path / "state" / "items").glob("[!.]*.json")))
    asked = RunFolder(path).recall("sessions") or {}
    state = f"unfinished, items done: {items}; to finish it: {asked.get('command') or 'the same request'}"
    known = [path.name, asked.get("task", ""), asked.get("backbone", "")]
    return [*known, *[""] * (len(COLUMNS) - len(known) - 1), state]


def _as_json(path: Path, record: RunRecord) -> dict[str, Any]:
    kept = record.model_dump(
        mode="json", include={"id", "task", "preset", "seed", "limit", "metrics", "coverage"}
    )
    finished = record.finished.isoformat()
    names = {
        "backbone": record.backbone.name,
        "data": record.data.name,
        "finished": finished,
        "path": str(path),
    }
    return {**kept, **names, "status": "finished"}


def _unfinished_json(path: Path) -> dict[str, Any]:
    return {"id": path.name, "path": str(path), "status": "unfinished"}

"""`toto-bench list`: tasks and backbones, and what each still needs."""

import json

import click

from toto_bench.backbones.status import status_of
from toto_bench.cards import TaskCard, backbone_cards, task_cards
from toto_bench.paths import default_data

KINDS = ("tasks", "backbones")


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS), required=False)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable list on stdout.")
def command(kind: str | None, as_json: bool) -> None:
    """List tasks, backbones, or both, with their status."""
    rows = {name: _ROWS[name]() for name in ([kind] if kind else KINDS)}
    if as_json:
        click.echo(json.dumps(rows))
        return
    for name, entries in rows.items():
        click.echo(f"{name.capitalize()}")
        widths = [max(len(str(row[column])) for row in entries) for column in entries[0]]
        for row in entries:
            cells = zip(row.values(), widths, strict=True)
            click.echo("  " + "  ".join(str(value).ljust(width) for value, width in cells).rstrip())
        click.echo()


def task_status(card: TaskCard) -> str:
    """Whether a task runs, and whether its data is in the default place."""
    if not card.runnable:
        return "announced"
    there = not card.data.needed or default_data(card.name).is_dir()
    if there:
        return "ready"
    return "ready with --data PATH" + (" or --data sample" if "sample" in card.presets else "")


def _tasks() -> list[dict[str, str]]:
    return [
        {"name": card.name, "title": card.title, "primary": card.primary, "status": task_status(card)}
        for card in task_cards().values()
    ]


def _backbones() -> list[dict[str, str]]:
    return [
        {
            "name": card.name,
            "title": card.title,
            "parameters": f"{size:g} M" if (size := card.architecture.parameters_m) else "",
            "status": status_of(card),
        }
        for card in backbone_cards().values()
    ]


_ROWS = {"tasks": _tasks, "backbones": _backbones}

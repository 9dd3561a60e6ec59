"""Checks of one line of a published table against the cards."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from toto_bench.cards import BackboneCard, TaskCard, did_you_mean
from toto_bench.leaderboard.metrics import metric_info
from toto_bench.leaderboard.protocols import stated_values
from toto_bench.leaderboard.published import POINTS
from toto_bench.runner.tasks import build_protocol, parse_setting
from toto_bench.tasks.base import Task
from toto_bench.validation.findings import Failed, Finding, attempt, explained

PARAMETERS_APART = 0.1
"""Share by which a printed number of parameters may differ from the card's."""
OWN = "toto-"
"""Beginning of the methods that are cards here."""


class Line(NamedTuple):
    """One line of a table."""

    number: int
    """In the file, from 1."""
    cells: dict[str, str]
    """By column."""


class Names(NamedTuple):
    """What rows may speak of."""

    tasks: Mapping[str, TaskCard]
    """By name."""
    backbones: Mapping[str, BackboneCard]
    """By name."""
    code: Mapping[str, Task[Any]]
    """Tasks that run, whose protocol models check values."""
    only: frozenset[str] | None = None
    """Tasks and backbones whose rows are looked at; None = all."""

    def wants(self, line: Line) -> bool:
        """Whether a line is one of those."""
        return self.only is None or bool(self.only & {line.cells["task"], line.cells["backbone"]})


def check_line(line: Line, names: Names, *, of_a_task: bool, for_reference: bool) -> Iterator[Finding]:
    """What is wrong with a line.

    Args:
        line: the line.
        names: what it may speak of.
        of_a_task: whether the table belongs to tasks at all.
        for_reference: whether its rows are ablations, with other models and protocols than the cards'.
    """
    if not line.cells["source"].strip():
        yield at(line, "source", "is empty: name paper and table.")
    yield from _value(line)
    yield from _backbone(line, names.backbones, for_reference)
    if of_a_task:
        yield from _task(line, names, for_reference)


def at(line: Line, column: str, text: str, *, is_note: bool = False) -> Finding:
    """A finding in a cell."""
    return Finding(f"line {line.number}: {column}", f"line {line.number}: `{column}` {text}", is_note)


def is_twice(lines: Sequence[Line], *, whole: bool) -> Iterator[Finding]:
    """Lines that say again what an earlier one said; `whole` compares every cell, else all but the number."""
    seen: dict[tuple[str, ...], int] = {}
    for line in lines:
        key = tuple(
            cell for column, cell in line.cells.items() if whole or column not in ("value", "unit", "note")
        )
        earlier = seen.setdefault(key, line.number)
        if earlier != line.number:
            yield at(
                line, "metric", f"= `{line.cells['metric']}` of this row stands in line {earlier} already."
            )


def _value(line: Line) -> Iterator[Finding]:
    text, unit = line.cells["value"], line.cells["unit"]
    value = attempt(lambda: float(text))
    if isinstance(value, Failed) or not math.isfinite(value):
        yield at(line, "value", f"= `{text}` is not a number.")
    elif unit in POINTS and not 0 <= value <= 100:
        yield at(line, "value", f"= {text} is not in points, 0 to 100.")


def _backbone(line: Line, cards: Mapping[str, BackboneCard], for_reference: bool) -> Iterator[Finding]:
    name, printed = line.cells["backbone"], line.cells["parameters_m"]
    size = attempt(lambda: float(printed)) if printed else None
    if isinstance(size, Failed):
        yield at(line, "parameters_m", f"= `{printed}` is not a number of millions.")
    if not name:
        if line.cells["method"].startswith(OWN) and not for_reference:
            yield at(line, "backbone", f"is empty: `{line.cells['method']}` is a card, name it.")
    elif name not in cards:
        yield at(line, "backbone", f"= `{name}` is no card{did_you_mean(name, cards)}")
    elif isinstance(size, float) and not _near(size, ours := cards[name].architecture.parameters_m):
        text = f"= {printed}, but the card `{name}` says {ours:g} million."
        yield at(line, "parameters_m", text, is_note=True)


def _near(printed: float, ours: float | None) -> bool:
    return not ours or abs(printed - ours) <= PARAMETERS_APART * ours


def _task(line: Line, names: Names, for_reference: bool) -> Iterator[Finding]:
    task = line.cells["task"]
    if task not in names.tasks:
        yield at(line, "task", f"= `{task}` does not exist{did_you_mean(task, names.tasks)}")
        return
    card = names.tasks[task]
    yield from _metric(line, card)
    if not for_reference:
        yield from _protocol(line, card, names.code.get(task))


def _metric(line: Line, card: TaskCard) -> Iterator[Finding]:
    name, unit = line.cells["metric"], line.cells["unit"]
    info = metric_info(card, name)
    if info is None:
        known = [metric.name for metric in card.metrics]
        yield at(line, "metric", f"= `{name}` is no metric of `{card.name}`{did_you_mean(name, known)}")
    elif unit != info.unit:
        yield at(line, "unit", f"= `{unit}`, but `{name}` of `{card.name}` is in `{info.unit}`.")


def _protocol(line: Line, card: TaskCard, task: Task[Any] | None) -> Iterator[Finding]:
    """Names exist; where the task runs, the values are allowed over the preset `paper`."""
    text = line.cells["protocol_values"]
    if wrong := [pair for pair in text.split(";") if pair and not all(pair.partition("=")[::2])]:
        yield at(line, "protocol_values", f"= `{wrong[0]}` is not of the form `name=value;...`.")
        return
    stated = stated_values(text)
    unknown = [name for name in stated if name not in card.protocol]
    for name in unknown:
        yield at(
            line,
            "protocol_values",
            f"names `{name}`, no value of `{card.name}`{did_you_mean(name, card.protocol)}",
        )
    if task is None or unknown or not stated:
        return
    values = dict(parse_setting(f"{name}={value}") for name, value in stated.items())
    built = attempt(lambda: build_protocol(task, "paper", values))
    if isinstance(built, Failed):
        yield at(line, "protocol_values", f"= `{text}` is not allowed. {explained(built)}")

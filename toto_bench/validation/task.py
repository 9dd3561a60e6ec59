"""Checks of a task card, from its fields to the code behind it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from toto_bench.cards import BackboneCard, TaskCard, did_you_mean
from toto_bench.cards.entries import import_entry
from toto_bench.runner.tasks import build_protocol
from toto_bench.tasks.base import ProtocolModel, Task
from toto_bench.validation.findings import Failed, Finding, attempt, explained, is_address, note, problem
from toto_bench.validation.pretraining import check_spelling, data_names
from toto_bench.validation.sample import check_sample


def check_task(
    card: TaskCard, cards: Iterable[TaskCard | BackboneCard], *, sample: bool
) -> Iterator[Finding]:
    """Everything that is wrong with a card.

    Args:
        card: the card.
        cards: all cards, whose names of data are compared.
        sample: also write the task's sample, to see whether the preset of that name belongs.
    """
    yield from _fields(card)
    yield from check_spelling("data.overlaps", card.data.overlaps, data_names(cards))
    if card.entry is None:
        yield note("entry", "is not there: the task is announced, and does not run.")
        return
    task = load(card)
    if isinstance(task, Finding):
        yield task
        return
    wrong = list(_protocol(card, task.protocol.model_fields))
    yield from wrong or _presets(task)
    if sample and not wrong:
        yield from check_sample(task)


def load(card: TaskCard) -> Task[Any] | Finding:
    """The task behind a card, or what keeps it from being made."""
    entry = str(card.entry)
    found = attempt(lambda: import_entry(entry, f"the task `{card.name}`"))
    if isinstance(found, Failed):
        return Finding("entry", explained(found))
    if not (isinstance(found, type) and issubclass(found, Task)):
        return problem(
            "entry", f"= `{entry}` is not a task: make it a subclass of `toto_bench.tasks.base.Task`."
        )
    model = getattr(found, "protocol", None)
    if not (isinstance(model, type) and issubclass(model, ProtocolModel)):
        return problem(
            "entry", f"= `{entry}` has no protocol model: set `protocol` to a subclass of `ProtocolModel`."
        )
    task = attempt(lambda: found(card))
    if isinstance(task, Failed):
        return problem("entry", f"= `{entry}` cannot be made from the card. {explained(task)}")
    return task


def _fields(card: TaskCard) -> Iterator[Finding]:
    for key in ("title", "summary", "paper", "unit"):
        if not getattr(card, key).strip():
            yield problem(key, "is empty: it stands in tables and lists.")
    for key in ("name", "licence", "size", "layout", "how_to_get"):
        if not getattr(card.data, key).strip():
            yield problem(f"data.{key}", "is empty: users see it when the data is missing.")
    if not (is_address(card.data.url) or card.data.url.startswith("none")):
        yield problem(
            "data.url",
            f"= `{card.data.url}` is no address: begin it with `https://`, or say `none` if there is none.",
        )
    for name, count in Counter(metric.name for metric in card.metrics).items():
        if count > 1:
            yield problem("metrics", f"has `{name}` {count} times: give each metric a name of its own.")
    for name, value in card.protocol.items():
        if not value.source.strip():
            yield problem(f"protocol.{name}.source", "is empty: say where the value comes from.")
    for name, preset in card.presets.items():
        if not (preset.description.strip() and preset.source.strip()):
            yield problem(
                f"presets.{name}", "has an empty `description` or `source`: say what it reproduces."
            )
    if card.presets["paper"].values:
        changed = ", ".join(f"`{name}`" for name in card.presets["paper"].values)
        yield problem(
            "presets.paper.values", f"changes {changed}: the preset `paper` is `[protocol]` itself."
        )


def _protocol(card: TaskCard, fields: dict[str, Any]) -> Iterator[Finding]:
    """The card and the protocol model have the same names."""
    for name in card.protocol:
        if name not in fields:
            yield problem(
                f"protocol.{name}", f"is no field of the protocol model{did_you_mean(name, fields)}"
            )
    for name in fields:
        if name not in card.protocol:
            yield problem(
                f"protocol.{name}", "is missing: the protocol model has it, so give value and source."
            )


def _presets(task: Task[Any]) -> Iterator[Finding]:
    for name in task.card.presets:
        built = attempt(lambda preset=name: build_protocol(task, preset, {}))  # type: ignore[misc]
        if isinstance(built, Failed):
            yield problem(f"presets.{name}", f"is not allowed. {explained(built)}")

"""All checks, in order: places, cards, tables."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from toto_bench.cards import BackboneCard, TaskCard
from toto_bench.cards.plugins import PluginWarning
from toto_bench.tasks.base import Task
from toto_bench.validation.backbone import check_backbone
from toto_bench.validation.findings import Failed, Finding, Subject, attempt, explained
from toto_bench.validation.places import check_folders, check_names, check_place, check_plugins
from toto_bench.validation.rows import Names
from toto_bench.validation.select import Selection, select
from toto_bench.validation.sources import CardFile, Entry, read_search_path
from toto_bench.validation.tables import check_measured, check_published
from toto_bench.validation.task import check_task, load


def validate(words: Sequence[str] = (), *, build: bool = False) -> list[Subject]:
    """Everything that was looked at, with what was found; what has no card of its own only if something is wrong.

    Args:
        words: names of tasks and backbones, or paths of card files; none = everything.
        build: also build every model and write every sample; what `words` names always is.

    Raises:
        UnknownNameError: a word names nothing.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)  # they are findings here
        files = read_search_path()
        selection = select(words, files)
        check_names(files)
        for file in selection.files:
            check_place(file)
        cards = [entry.card for file in files for entry in file.entries if entry.card is not None]
        _check_cards(selection, cards, build=build or bool(words))
        only = frozenset(entry.subject.name for entry in selection.entries) if words else None
        names = _names(files, only)
        places = [] if words else [check_plugins(), *check_folders()]
        tables = [*check_published(names), *([] if words else check_measured())]
        worth_showing = [
            *(subject for subject in places if subject.findings),
            *(file.subject for file in selection.files if file.subject.findings),
        ]
        cards_shown = [entry.subject for entry in selection.entries]
        return [*worth_showing, *cards_shown, *(s for s in tables if s.findings or not words)]


def _check_cards(selection: Selection, cards: Sequence[TaskCard | BackboneCard], *, build: bool) -> None:
    for entry in selection.entries:
        findings = attempt(lambda entry=entry: list(_check(entry, cards, build=build)))  # type: ignore[misc]
        if isinstance(findings, Failed):
            findings = [
                Finding("entry", f"The check itself was stopped by the card's code. {explained(findings)}")
            ]
        entry.subject.findings += findings


def _check(entry: Entry, cards: Sequence[TaskCard | BackboneCard], *, build: bool) -> Iterator[Finding]:
    if isinstance(entry.card, TaskCard):
        yield from check_task(entry.card, cards, sample=build)
    elif entry.card is not None:
        yield from check_backbone(entry.card, cards, build=build)


def _names(files: Iterable[CardFile], only: frozenset[str] | None) -> Names:
    """What published rows may speak of: the first card of a name, as in a run."""
    entries = [entry for file in files if file.searched for entry in file.entries]
    tasks: dict[str, TaskCard] = {}
    backbones: dict[str, BackboneCard] = {}
    code: dict[str, Task[Any]] = {}
    for entry in entries:
        if isinstance(entry.card, TaskCard):
            tasks.setdefault(entry.card.name, entry.card)
        elif entry.card is not None:
            backbones.setdefault(entry.card.name, entry.card)
    for name, card in tasks.items():
        if card.entry is not None and not isinstance(task := load(card), Finding):
            code[name] = task
    return Names(tasks, backbones, code, only)

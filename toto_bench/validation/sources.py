"""Reading card files without stopping: what is wrong in one card keeps no other from being read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from toto_bench.cards import BackboneCard, CardError, TaskCard
from toto_bench.cards.base import problems_of, read_toml
from toto_bench.cards.search import merge, search_path
from toto_bench.validation.findings import Finding, Subject, problem

Kind = Literal["tasks", "backbones"]
KINDS: tuple[Kind, ...] = ("tasks", "backbones")


@dataclass
class Entry:
    """One card, as far as it could be read."""

    subject: Subject
    """Its name, and what was found."""
    card: TaskCard | BackboneCard | None = None
    """None when the card is wrong."""


@dataclass
class CardFile:
    """One file of cards."""

    path: Path
    """Where it lies."""
    kind: Kind
    """What it holds."""
    subject: Subject
    """What is wrong with the file as a whole."""
    entries: list[Entry] = field(default_factory=list)
    """Its cards: one task, or the backbones of a family."""
    searched: bool = True
    """Whether it lies on the search path."""


def read_search_path() -> list[CardFile]:
    """Every card file of the search path, shipped ones first."""
    return [
        read_card_file(path, kind)
        for kind in KINDS
        for source in search_path(kind)
        for path in sorted(source.folder.glob("[!.]*.toml"))
    ]


def read_card_file(path: Path, kind: Kind | None = None, *, searched: bool = True) -> CardFile:
    """The cards of one file; without `kind`, its content decides what it holds."""
    file = CardFile(path, kind or "tasks", Subject(path.name, "file", path), searched=searched)
    try:
        content = read_toml(path)
    except CardError as error:
        file.subject.findings.append(Finding("", str(error).removeprefix(f"{path}: ")))
        return file
    if kind is None and ("variants" in content or "family" in content):
        file.kind = "backbones"
    if file.kind == "tasks":
        file.entries.append(_read_task(content, path))
    else:
        _read_family(content, file)
    return file


def _read_task(content: dict[str, Any], path: Path) -> Entry:
    name = content.get("name")
    entry = Entry(Subject(name if isinstance(name, str) else path.stem, "task", path))
    entry.subject.findings += [Finding(key, text) for key, text in problems_of(TaskCard, content)]
    if isinstance(name, str) and name != path.stem:
        entry.subject.findings.append(problem("name", f"is `{name}`: rename the file to `{name}.toml`."))
    if not problems_of(TaskCard, content):
        entry.card = TaskCard.model_validate(content)
    return entry


def _read_family(content: dict[str, Any], file: CardFile) -> None:
    variants = content.pop("variants", None)
    found = file.subject.findings
    if "family" not in content:
        found.append(problem("family", f'is missing: add `family = "{file.path.stem}"`.'))
        content["family"] = file.path.stem
    elif (family := content["family"]) != file.path.stem:
        found.append(problem("family", f"is `{family}`: rename the file to `{family}.toml`."))
    if "name" in content:
        found.append(problem("name", "is not a known key: `[variants.NAME]` is the name. Remove it."))
        del content["name"]
    if not isinstance(variants, dict) or not variants:
        found.append(problem("variants", "is missing: add a table `[variants.NAME]` per backbone."))
        return
    file.entries += [_read_variant(content, name, variant, file.path) for name, variant in variants.items()]


def _read_variant(shared: Mapping[str, Any], name: str, variant: Any, path: Path) -> Entry:
    entry = Entry(Subject(name, "backbone", path))
    where = f"variants.{name}"
    if not isinstance(variant, dict):
        entry.subject.findings.append(problem(where, f"= {variant!r}: make it a table `[{where}]`."))
        return entry
    if "name" in variant:
        entry.subject.findings.append(
            problem(f"{where}.name", f"is not a known key: `[{where}]` is the name. Remove it.")
        )
    content = merge(dict(shared), {**variant, "name": name})
    if wrong := problems_of(BackboneCard, content, where):
        entry.subject.findings += [Finding(key, text) for key, text in wrong]
    else:
        entry.card = BackboneCard.model_validate(content)
    return entry

"""The search path of cards, and look-up by name with a suggestion."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from toto_bench.cards.backbone import BackboneCard
from toto_bench.cards.base import parse, read_toml
from toto_bench.cards.errors import CardError, UnknownNameError
from toto_bench.cards.plugins import plugins, warn
from toto_bench.cards.suggest import did_you_mean
from toto_bench.cards.task import TaskCard
from toto_bench.paths import Kind, shipped

Card = TypeVar("Card", TaskCard, BackboneCard)


class Source(NamedTuple):
    """A folder of cards, and whose it is."""

    folder: Path
    """Holds `*.toml`."""
    plugin: str | None
    """Name of the plug-in; None for the shipped cards."""
    stamp: tuple[tuple[str, int, int], ...] = ()
    """Name, time and size of a plug-in's files: they may be edited while a notebook runs; shipped ones may not."""


def search_path(kind: Kind) -> tuple[Source, ...]:
    """Folders of cards, the shipped one first; then plug-ins, installed ones before folders."""
    return (
        Source(shipped(kind), None),
        *(Source(folder := plugin.folder / kind, plugin.name, _stamp(folder)) for plugin in plugins()),
    )


def task_cards() -> dict[str, TaskCard]:
    """All task cards by name, sorted. A card of a plug-in that is wrong is warned of and left out.

    Raises:
        CardError: a shipped card is wrong.
    """
    return _task_cards(search_path("tasks"))


def backbone_cards() -> dict[str, BackboneCard]:
    """All backbone cards by name, family by family. A family of a plug-in that is wrong is warned of and left out.

    Raises:
        CardError: a shipped card is wrong.
    """
    return _backbone_cards(search_path("backbones"))


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    found = ((path, path.stat()) for path in sorted(folder.glob("[!.]*.toml")))
    return tuple((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in found)


@cache
def _task_cards(path: tuple[Source, ...]) -> dict[str, TaskCard]:
    return dict(sorted(_collect(path, lambda file: [read_task(file)]).items()))


@cache
def _backbone_cards(path: tuple[Source, ...]) -> dict[str, BackboneCard]:
    return _collect(path, read_family)


def _collect(path: tuple[Source, ...], read: Callable[[Path], list[Card]]) -> dict[str, Card]:
    """The cards of every file; the first of a name counts, and shipped cards come first."""
    cards: dict[str, Card] = {}
    for source in path:
        for file in sorted(source.folder.glob("[!.]*.toml")):
            try:
                found = read(file)
                _expect_new_names(file, found, cards)
            except CardError as error:
                if source.plugin is None:
                    raise
                warn(f"The plug-in `{source.plugin}` has a card that is left out. {error}")
            else:
                cards |= {card.name: card for card in found}
    return cards


def _expect_new_names(file: Path, found: Iterable[Card], cards: Mapping[str, Card]) -> None:
    if taken := next((card.name for card in found if card.name in cards), None):
        raise CardError(f"{file}: `{taken}` exists already: give one of them another name.")


def read_task(path: Path) -> TaskCard:
    """The task of one file.

    Raises:
        CardError: the card is wrong, or the file is called otherwise.
    """
    card = parse(TaskCard, read_toml(path), path)
    _expect_file_name(path, card.name)
    return card


def read_family(path: Path) -> list[BackboneCard]:
    """The backbones of one file: a table per variant, over the values that the family shares.

    Raises:
        CardError: a variant is wrong, a name is there twice, or the file is called otherwise.
    """
    content = read_toml(path)
    variants = content.pop("variants", None)
    if not isinstance(variants, dict) or not variants:
        raise CardError(f"{path}: `variants` is missing: add a table `[variants.NAME]` per backbone.")
    if "family" not in content:
        raise CardError(f'{path}: `family` is missing: add `family = "{path.stem}"`.')
    _expect_file_name(path, str(content["family"]))
    for name, variant in variants.items():
        if not isinstance(variant, dict):
            raise CardError(f"{path}: `variants.{name}` = {variant!r}: make it a table `[variants.{name}]`.")
        if "name" in content | variant:
            raise CardError(f"{path}: `name` is not a known key: `[variants.{name}]` is the name. Remove it.")
    return [
        parse(BackboneCard, merge(content, {"name": name} | variant), path, where=f"variants.{name}")
        for name, variant in variants.items()
    ]


def find_task(name: str) -> TaskCard:
    """The task card of that name.

    Raises:
        UnknownNameError: there is none; the message suggests the nearest.
    """
    cards = task_cards()
    if name not in cards:
        raise UnknownNameError(f"There is no task `{name}`{did_you_mean(name, cards)}")
    return cards[name]


def find_backbone(name: str) -> BackboneCard:
    """The backbone card of that name.

    Raises:
        UnknownNameError: there is none; the message suggests the nearest.
    """
    cards = backbone_cards()
    if name not in cards:
        raise UnknownNameError(
            f"There is no backbone `{name}`{did_you_mean(name, cards)} "
            "Any timm model runs as `timm:MODEL`; `toto-bench list backbones` shows the cards."
        )
    return cards[name]


def _expect_file_name(path: Path, name: str) -> None:
    if path.stem != name:
        raise CardError(f"{path}: the card calls itself `{name}`: rename the file to `{name}.toml`.")


def merge(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Tables are merged key by key, everything else of a variant replaces the family's."""
    merged = dict(shared)
    for key, value in own.items():
        both_tables = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both_tables else value
    return merged

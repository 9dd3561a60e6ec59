"""The search path of cards, and look-up by name with a suggestion."""

from functools import cache
from pathlib import Path
from typing import Any

from toto_bench.cards.backbone import BackboneCard
from toto_bench.cards.base import parse, read_toml
from toto_bench.cards.errors import CardError, UnknownNameError
from toto_bench.cards.suggest import did_you_mean
from toto_bench.cards.task import TaskCard
from toto_bench.paths import Kind, shipped


def search_path(kind: Kind) -> tuple[Path, ...]:
    """Folders of cards, first one first. Plug-in folders will follow the shipped one."""
    return (shipped(kind),)


@cache
def task_cards() -> dict[str, TaskCard]:
    """All task cards by name, sorted.

    Raises:
        CardError: a card is wrong.
    """
    cards: dict[str, TaskCard] = {}
    for path in _card_files("tasks"):
        card = parse(TaskCard, read_toml(path), path)
        _expect_file_name(path, card.name)
        cards[card.name] = card
    return dict(sorted(cards.items()))


@cache
def backbone_cards() -> dict[str, BackboneCard]:
    """All backbone cards by name, family by family.

    Raises:
        CardError: a card is wrong.
    """
    cards: dict[str, BackboneCard] = {}
    for path in _card_files("backbones"):
        for card in read_family(path):
            if card.name in cards:
                raise CardError(
                    f"{path}: `{card.name}` exists already, in `{cards[card.name].family}`: "
                    "give one of them another name."
                )
            cards[card.name] = card
    return cards


def read_family(path: Path) -> list[BackboneCard]:
    """The backbones of one file: a table per variant, over the values that the family shares."""
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
        parse(BackboneCard, _merge(content, {"name": name} | variant), path, where=f"variants.{name}")
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


def _card_files(kind: Kind) -> list[Path]:
    return sorted(path for folder in search_path(kind) for path in folder.glob("[!.]*.toml"))


def _expect_file_name(path: Path, name: str) -> None:
    if path.stem != name:
        raise CardError(f"{path}: the card calls itself `{name}`: rename the file to `{name}.toml`.")


def _merge(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Tables are merged key by key, everything else of a variant replaces the family's."""
    merged = dict(shared)
    for key, value in own.items():
        both_tables = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both_tables else value
    return merged

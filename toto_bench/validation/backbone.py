"""Checks of a backbone card, from its fields to the code behind it."""

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from toto_bench.cards import BackboneCard, TaskCard, did_you_mean
from toto_bench.cards.entries import import_entry
from toto_bench.validation.build import check_build
from toto_bench.validation.extras import check_extra, has_module
from toto_bench.validation.findings import Failed, Finding, attempt, explained, note, problem
from toto_bench.validation.pretraining import check_pretraining, data_names
from toto_bench.validation.weights import check_weights

LARGEST_SIDE = 4096


def check_backbone(
    card: BackboneCard, cards: Sequence[TaskCard | BackboneCard], *, build: bool
) -> Iterator[Finding]:
    """Everything that is wrong with a card.

    Args:
        card: the card.
        cards: all cards, itself among them: files and names of data are compared.
        build: also build the model, without memory for its weights.
    """
    yield from _status(card)
    yield from _architecture(card)
    yield from check_weights(card, [other for other in cards if isinstance(other, BackboneCard)])
    yield from check_pretraining(card, data_names(cards))
    yield from _needs(card)
    if card.needs is not None and not has_module(card.needs.module):
        return
    wrong = _entry(card)
    yield from wrong
    yield from _dialect(card)
    if build and card.runnable and not wrong:
        yield from check_build(card)


def _status(card: BackboneCard) -> Iterator[Finding]:
    for key in ("title", "summary", "paper"):
        if not getattr(card, key).strip():
            yield problem(key, "is empty: it stands in tables and lists.")
    if card.quoted is not None and not card.quoted.strip():
        yield problem("quoted", "is empty: say why the backbone does not run here.")
    if card.entry is None and card.quoted is None:
        yield note("entry", "is not there: the backbone is announced, and does not run.")


def _architecture(card: BackboneCard) -> Iterator[Finding]:
    model = card.architecture
    if not model.model.strip():
        yield problem("architecture.model", "is empty: give the model's name in its library.")
    if (model.mean is None) != (model.std is None):
        present, absent = ("mean", "std") if model.std is None else ("std", "mean")
        yield problem(
            f"architecture.{absent}", f"is missing beside `architecture.{present}`: give both or none."
        )
    if model.mean is not None and not all(0 <= value <= 1 for value in model.mean):
        yield problem(
            "architecture.mean", f"= {list(model.mean)} is not of values in [0, 1]: divide it by 255."
        )
    if model.std is not None and not all(0 < value <= 1 for value in model.std):
        yield problem(
            "architecture.std", f"= {list(model.std)} is not of values in [0, 1]: divide it by 255."
        )
    if model.image_size is not None and not 1 <= model.image_size <= LARGEST_SIDE:
        yield problem(
            "architecture.image_size", f"= {model.image_size} is no side in pixels, 1 to {LARGEST_SIDE}."
        )
    if model.parameters_m is None:
        yield note("architecture.parameters_m", "is not said: tables leave the cell empty.")
    elif model.parameters_m < 0 or (model.parameters_m == 0 and not card.floor):
        yield problem("architecture.parameters_m", f"= {model.parameters_m:g}: give millions of parameters.")


def _needs(card: BackboneCard) -> Iterator[Finding]:
    if card.needs is None:
        return
    module, extra = card.needs.module, card.needs.extra
    yield from check_extra("needs.extra", extra)
    if not has_module(module):
        yield note(
            "needs.module",
            f"= `{module}` is not installed, so the code was not looked at: `pip install 'toto-bench[{extra}]'`.",
        )


def _entry(card: BackboneCard) -> list[Finding]:
    if card.entry is None:
        return []
    entry, name = card.entry, card.name
    found = attempt(lambda: import_entry(entry, f"the backbone `{name}`"))
    if isinstance(found, Failed):
        return [Finding("entry", explained(found))]
    if reason := refusal(found):
        return [
            problem("entry", f"= `{entry}` {reason}: it is called as `build(card, seed=0, image_size=None)`.")
        ]
    return []


def _dialect(card: BackboneCard) -> Iterator[Finding]:
    """After the entry, whose module may add dialects of its own."""
    from toto_bench.backbones.dialects import DIALECTS  # noqa: PLC0415

    if card.weights is not None and card.weights.dialect not in DIALECTS:
        dialect = card.weights.dialect
        yield problem("weights.dialect", f"= `{dialect}` does not exist{did_you_mean(dialect, DIALECTS)}")


def refusal(build: Any) -> str | None:
    """Why a function cannot be called as `build(card, seed=..., image_size=...)`."""
    if not callable(build):
        return f"is a {type(build).__name__}, not a function"
    signature = attempt(lambda: inspect.signature(build))
    if isinstance(signature, Failed):
        return None
    bound = attempt(lambda: signature.bind(object(), seed=0, image_size=None))
    return f"cannot be called so ({bound.reason})" if isinstance(bound, Failed) else None

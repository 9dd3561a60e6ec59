"""Building a backbone without memory for its weights, and holding the card to what comes out."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.load import build_backbone
from toto_bench.cards import BackboneCard, CardError
from toto_bench.validation.findings import Failed, Finding, attempt, explained, note, problem

PARAMETERS_APART = 0.1
"""Millions by which card and model may differ: the card is rounded."""
_ALLOCATE = (torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn)
"""What makes parameters."""


class _Weightless(TorchFunctionMode):
    """Parameters take no memory; ranges are real, for constructors that read numbers off them."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        del types
        options = dict(kwargs or {})
        if func in _ALLOCATE and options.get("device") is None:
            options["device"] = "meta"
        return func(*args, **options)


def check_build(card: BackboneCard) -> Iterator[Finding]:
    """Whether the entry builds what the card says: layers, parameters, native size."""
    found = attempt(lambda: _under(torch.device("meta"), card))
    if isinstance(found, Failed) and _reads_numbers(found):
        found = attempt(lambda: _under(_Weightless(), card))
    if isinstance(found, Failed):
        if isinstance(found.error, MissingWeightsError) or _reads_numbers(found):
            yield note("entry", f"= `{card.entry}` cannot be compared with the card here. {explained(found)}")
        else:
            yield problem("entry", f"= `{card.entry}` does not build the model. {explained(found)}")
    else:
        compared = attempt(lambda: list(_compare(card, found)))
        yield from (
            compared if isinstance(compared, list) else [problem("entry", _without_info(card, compared))]
        )


def _under(mode: AbstractContextManager[Any], card: BackboneCard) -> Backbone:
    """Built, or what the entry itself raised: the error for users wraps it."""
    try:
        with mode:
            return build_backbone(card)
    except CardError as error:
        raise error.__cause__ or error from None


def _reads_numbers(failed: Failed) -> bool:
    """Whether code failed for want of numbers in tensors that take no memory, which is no fault of it."""
    return any(words in failed.reason for words in ("meta tensor", "'Meta' backend"))


def _compare(card: BackboneCard, backbone: Backbone) -> Iterator[Finding]:
    model, info = card.architecture, backbone.info
    if info.name != card.name:
        yield problem("entry", f"= `{card.entry}` calls the backbone `{info.name}`, not `{card.name}`.")
    if info.depth != model.layers:
        yield problem("architecture.layers", f"= {model.layers}, but the model has {info.depth}.")
    millions = info.parameters / 1e6
    if model.parameters_m is not None and abs(millions - model.parameters_m) > PARAMETERS_APART:
        yield problem(
            "architecture.parameters_m",
            f"= {model.parameters_m:g}, but the model has {millions:.1f} million.",
        )
    if info.native_size != model.image_size:
        said = "is not said" if model.image_size is None else f"= {model.image_size}"
        yield problem(
            "architecture.image_size", f"{said}, but the model's native size is {info.native_size}."
        )


def _without_info(card: BackboneCard, failed: Failed) -> str:
    return f"= `{card.entry}` gives the backbone no usable `info` ({failed.reason})."

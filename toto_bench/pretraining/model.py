"""The backbone that is trained: a card's architecture, changed where asked, with weights to begin with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from toto_bench.backbones.load import build_backbone
from toto_bench.backbones.names import backbone_card
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.weights import put_weights, state_hash
from toto_bench.cards import BackboneCard
from toto_bench.errors import RequestError
from toto_bench.pretraining.origin import config_of_training, expect_tokenizer_of, read_given, unfinished


class Origin(NamedTuple):
    """The weights that a training begins with."""

    name: str
    """Card, `run:...` or path; `random:SEED`."""
    weights: str
    """Hash of the state dict."""
    data: tuple[str, ...]
    """What they have seen."""


class Start(NamedTuple):
    """A model before its training."""

    backbone: Toto
    card: BackboneCard
    """Of its architecture, with what was changed."""
    origin: Origin


def make_model(
    name: str,
    *,
    seed: int,
    init: str | None = None,
    tokenizer: Path | None = None,
    grid: int | None = None,
    rope_base: float | None = None,
    frames: int | None = None,
) -> Start:
    """The model that a training begins with.

    Args:
        name: card of the architecture.
        seed: of random weights.
        init: a card's name, `run:...`, a folder or file of weights, or the saved state of a training.
        tokenizer: weights of the input tokenizer; None = those that `init` has, or where they are looked for.
        grid: tokens on a side of a frame; None = the card's.
        rope_base: of the rotary embedding; None = the card's.
        frames: of a training sequence; None = the card's.

    Raises:
        RequestError: something does not exist, or is no Toto.
        WeightsError: weights are missing, damaged, or do not fit.
    """
    plain = backbone_card(name)
    if plain.architecture.model != "toto":
        raise _no_toto(name)
    if (training := unfinished(init)) is not None:
        plain = _changed(plain, config_of_training(training).model_dump(mode="json"))
    card = _changed(plain, {"grid": grid, "rope_base": rope_base, "frames": frames})
    backbone = build_backbone(card, seed=seed)
    if not isinstance(backbone, Toto):
        raise _no_toto(name)
    given = None if init is None else read_given(init, plain)
    if given is None:
        backbone.take_tokenizers(tokenizer)
    else:
        put_weights(given.state, backbone.model, f"`--init {init}`")
        backbone.take_tokenizers(tokenizer or given.tokenizer)
        expect_tokenizer_of(given, str(init), backbone.tokenizer)
    seen = () if given is None else given.data
    return Start(backbone, card, Origin(init or f"random:{seed}", state_hash(backbone.model), seen))


def _no_toto(name: str) -> RequestError:
    return RequestError(
        f"`{name}` is not a Toto: only those are pre-trained here. Choose one of their cards."
    )


def _changed(card: BackboneCard, changes: Mapping[str, Any]) -> BackboneCard:
    given = {key: value for key, value in changes.items() if value is not None}
    if not given:
        return card
    arguments = {**card.architecture.arguments, **given}
    layers = arguments.get("depth", card.architecture.layers)
    # The size follows from the arguments.
    changes = {"arguments": arguments, "image_size": None, "layers": layers}
    changed = card.architecture.model_copy(update=changes)
    return card.model_copy(update={"architecture": changed})


def blocks_of(backbone: Toto) -> tuple[nn.Module, ...]:
    """The blocks of the transformer, which FSDP cuts one by one."""
    return tuple(backbone.model.blocks)

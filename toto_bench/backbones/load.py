"""From a name to a backbone that is ready to run."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.locate import Located, find_weights
from toto_bench.backbones.names import backbone_card, entry_of
from toto_bench.backbones.weights import load_weights, state_hash
from toto_bench.cards import BackboneCard, CardError
from toto_bench.errors import RequestError


def load_backbone(
    name: str,
    *,
    checkpoint: Path | None = None,
    random_init: bool = False,
    seed: int = 0,
    image_size: tuple[int, int] | None = None,
) -> Backbone:
    """A backbone on the CPU, in eval mode, its weights loaded and accounted for in `info`.

    Args:
        name: a card, or `timm:MODEL`.
        checkpoint: weights file; None = the installed package or the weights folder.
        random_init: leave the weights untrained, which measures plumbing and speed.
        seed: of the random initialisation.
        image_size: height and width, for models that are built for one size.

    Raises:
        UnknownNameError: there is no such backbone.
        RequestError: the backbone is announced only, or the options contradict each other.
        MissingWeightsError: no weights file was found.
        WeightsError: the file is unreadable, does not fit, or holds NaN.
    """
    if checkpoint is not None and random_init:
        raise RequestError("`--checkpoint` and `--random-init` contradict each other: leave one out.")
    card = backbone_card(name)
    located = None if random_init else find_weights(card, checkpoint)
    backbone = build_backbone(card, seed=seed, image_size=image_size)
    if located is not None and located.path is not None:
        _load(backbone, card, located)
    return backbone


def build_backbone(
    card: BackboneCard, *, seed: int = 0, image_size: tuple[int, int] | None = None
) -> Backbone:
    """The untrained backbone of a card, by its entry `build(card, *, seed, image_size) -> Backbone`.

    Raises:
        RequestError: the card is announced, and has no entry.
        CardError: the entry cannot be imported.
    """
    module, _, function = entry_of(card).partition(":")
    try:
        build: Callable[..., Backbone] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise CardError(f"`{card.name}`: its entry `{card.entry}` cannot be imported: {error}.") from error
    return build(card, seed=seed, image_size=image_size)


def _load(backbone: Backbone, card: BackboneCard, located: Located) -> None:
    """Put the file's tensors into the backbone. A file that the user named is not held to the card's hash."""
    assert card.weights is not None and located.path is not None
    model = backbone.checkpointed()
    sha256 = None if located.origin == "file" else card.weights.sha256
    load_weights(model, located.path, dialect=card.weights.dialect, sha256=sha256)
    backbone.info = replace(
        backbone.info, weights=state_hash(model), checkpoint=located.checkpoint, floor=card.floor
    )

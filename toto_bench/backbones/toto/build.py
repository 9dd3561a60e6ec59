"""From a card to an untrained Toto."""

from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.seeding import seeded
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenizers import build_tokenizer, load_tokenizer
from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.backbones.toto.tokenizers.find import own_tokenizer
from toto_bench.cards import BackboneCard, CardError


def build(card: BackboneCard, *, seed: int, image_size: tuple[int, int] | None = None) -> Toto:  # noqa: ARG001
    """A Toto on the CPU, in eval mode, its transformer untrained; the same seed gives the same weights.

    Its tokenizers are trained ones where their weights are on this machine (that of a trained backbone in its folder):
    without them frames become other tokens, and an untrained transformer is a floor for the trained one only on the
    same tokens.

    Args:
        card: `architecture.arguments` are those of `TotoConfig`; `layers` is its depth.
        seed: of the random weights; the global random state is left alone.
        image_size: height and width; any are read, so that nothing depends on it.

    Raises:
        CardError: the arguments are refused.
        RequestError: a package is missing that the transformer or a tokenizer needs.
    """
    config = config_of(card)
    folder = card.weights.folder if card.weights else None
    tokenizer = _tokenizer(config.tokenizer, seed, own_tokenizer(Path(folder) if folder else None))
    target = tokenizer if config.target in (None, config.tokenizer) else _tokenizer(config.target, seed)
    with seeded(seed):
        backbone = Toto(card.name, config, tokenizer, target, seed=seed)
    return backbone.eval()


def config_of(card: BackboneCard) -> TotoConfig:
    """The configuration that a card describes.

    Raises:
        CardError: names what does not fit.
    """
    arguments: dict[str, Any] = {"depth": card.architecture.layers, **card.architecture.arguments}
    try:
        config = TotoConfig.model_validate(arguments)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(["architecture.arguments", *map(str, fault["loc"])])
        raise CardError(f"`{card.name}`: `{place}`: {fault['msg']}.") from error
    size = card.architecture.image_size
    if config.depth != card.architecture.layers or size not in (None, config.image_size):
        raise CardError(
            f"`{card.name}`: the card says {card.architecture.layers} layers and frames of {size} pixels, its "
            f"arguments say {config.depth} and {config.image_size}: correct one of the two."
        )
    return config


def _tokenizer(name: str, seed: int, own: Path | None = None) -> Tokenizer:
    """A trained one if it is here; where tensors get no memory, as on the meta device, nothing can be loaded."""
    if torch.empty(0).is_meta:
        return build_tokenizer(name, seed=seed)
    try:
        return load_tokenizer(name, path=own)
    except MissingWeightsError:
        return build_tokenizer(name, seed=seed)

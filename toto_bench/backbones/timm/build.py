"""From a card to an untrained timm backbone."""

import json
from typing import Any

from toto_bench.backbones.base import BackboneInfo, LayerInfo, Statistics, UnsupportedInputError
from toto_bench.backbones.frames import preprocessing_id
from toto_bench.backbones.seeding import seeded
from toto_bench.backbones.timm.adapter import TimmBackbone
from toto_bench.backbones.timm.create import TimmModel, create, is_readable
from toto_bench.backbones.timm.intermediates import is_isotropic
from toto_bench.backbones.timm.positions import use_dino_positions
from toto_bench.cards import BackboneCard, CardError


def build(card: BackboneCard, *, seed: int, image_size: tuple[int, int] | None = None) -> TimmBackbone:
    """An untrained backbone on the CPU, in eval mode; the same seed gives the same weights.

    Args:
        card: `architecture` names the timm model, its arguments, statistics and position embedding.
        seed: of the random initialisation; the global random state is left alone.
        image_size: height and width, for models that are built for one size (BEiT, Hiera, Swin); plain
            vision transformers and most CNNs read any size, and ignore it.

    Raises:
        CardError: the card does not describe a timm model, or not this one.
        UnsupportedInputError: the model cannot be built for `image_size`, or its layers cannot be read.
    """
    with seeded(seed):
        model, needed = create(card, image_size)
    if not is_readable(model):
        raise UnsupportedInputError(
            f"timm cannot read the layers of `{card.architecture.model}`: choose a model with "
            "`forward_intermediates`."
        )
    if card.architecture.position_embedding == "dino":
        use_dino_positions(model)
    statistics = _statistics(card, model)
    return TimmBackbone(model, _info(card, model, statistics, needed, seed), statistics).eval()


def _info(
    card: BackboneCard, model: TimmModel, statistics: Statistics, needed: tuple[int, int] | None, seed: int
) -> BackboneInfo:
    layers = tuple(LayerInfo(stage["num_chs"], stage["reduction"], 1) for stage in model.feature_info)
    if len(layers) != card.architecture.layers:
        raise CardError(
            f"`{card.name}`: the card says {card.architecture.layers} layers, but timm's model "
            f"`{card.architecture.model}` has {len(layers)}: correct `architecture.layers`."
        )
    return BackboneInfo(
        name=card.name,
        layers=layers,
        default_layer=len(layers),
        preprocessing=preprocessing_id(statistics),
        weights=f"random:{seed}",
        prefix=prefix_names(model),
        image_size=needed,
        native_size=card.architecture.image_size or model.pretrained_cfg["input_size"][-1],
        statistics=statistics,
        checkpoint="random",
        floor=True,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        architecture=_architecture(card, needed),
    )


def _architecture(card: BackboneCard, needed: tuple[int, int] | None) -> str:
    """Everything that changes features and that weights do not tell: two models may share a state dict."""
    parts: dict[str, Any] = {
        "arguments": card.architecture.arguments,
        "position_embedding": card.architecture.position_embedding,
    }
    if needed is not None:
        parts["image_size"] = needed
    return f"timm:{card.architecture.model} {json.dumps(parts, sort_keys=True)}"


def _statistics(card: BackboneCard, model: TimmModel) -> Statistics:
    """The card's mean and standard deviation, else those in timm's description of the weights."""
    mean = card.architecture.mean or tuple(model.pretrained_cfg["mean"])
    std = card.architecture.std or tuple(model.pretrained_cfg["std"])
    if len(mean) != 3 or len(std) != 3:
        raise CardError(f"`{card.name}`: backbones read RGB, but the model has {len(mean)} channels.")
    return Statistics(mean, std)


def prefix_names(model: TimmModel) -> tuple[str, ...]:
    """Names of the prefix tokens, in timm's order: class token, distillation token, registers.

    Of models that are no plain transformer (CaiT, XCiT) timm gives maps without a prefix, so none is promised.
    """
    if not is_isotropic(model):
        return ()
    count = int(getattr(model, "num_prefix_tokens", 0))
    names = ["cls"] if getattr(model, "cls_token", None) is not None else []
    if getattr(model, "dist_token", None) is not None:
        names.append("dist")
    return (*names, *["reg"] * (count - len(names)))[:count]

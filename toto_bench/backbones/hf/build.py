"""From a card to an untrained transformers backbone."""

import copy
import json
import math

from toto_bench.backbones.base import BackboneInfo, LayerInfo, Statistics, UnsupportedInputError
from toto_bench.backbones.frames import preprocessing_id
from toto_bench.backbones.hf.adapter import HfBackbone
from toto_bench.backbones.hf.colours import ColourBackbone, random_clusters
from toto_bench.backbones.hf.configuration import Size, configuration, identifying, resize, sides
from toto_bench.backbones.hf.families import Family, find_family
from toto_bench.backbones.hf.library import HfConfig, HfModel, model_class, one_line, refusals
from toto_bench.backbones.hf.names import described
from toto_bench.backbones.hf.weights import add_pooling
from toto_bench.backbones.seeding import seeded
from toto_bench.cards import BackboneCard, CardError


def build(card: BackboneCard, *, seed: int, image_size: tuple[int, int] | None = None) -> HfBackbone:
    """An untrained backbone on the CPU, in eval mode; the same seed gives the same weights.

    Args:
        card: `architecture.model` is the class, `architecture.arguments` are values of its configuration.
        seed: of the random initialisation; the global random state is left alone.
        image_size: height and width, for models that are built for one size (VideoMAE, V-JEPA 2); others read
            any multiple of their patch.

    Raises:
        CardError: the card does not describe such a model.
        RequestError: the class does not run here.
        MissingWeightsError: the card is of a repository whose files are not here.
        UnsupportedInputError: the model cannot be built for `image_size`.
    """
    card = described(card)
    family = find_family(card.architecture.model)
    native = configuration(card.name, card.architecture)
    _expect_layers(card, native)
    config = copy.deepcopy(native)
    if family.statistics is None:
        return _colours(card, family, config, seed, image_size)
    needed = resize(config, family, card.name, image_size)
    model = _create(card, family, config, seed)
    info = _info(card, family, model, seed, needed)
    return HfBackbone(model, family, info, native).eval()


def _colours(
    card: BackboneCard, family: Family, config: HfConfig, seed: int, image_size: Size | None
) -> HfBackbone:
    side = math.isqrt(config.n_positions)
    if image_size not in {None, (side, side)}:
        raise UnsupportedInputError(
            f"`{card.name}` reads frames of {side}x{side} pixels only: leave the image size out, or take that one."
        )
    model = _create(card, family, config, seed)
    info = _info(card, family, model, seed, (side, side))
    clusters = random_clusters(config.vocab_size - 1, seed)
    return ColourBackbone(model, family, info, copy.deepcopy(config), clusters).eval()


def _create(card: BackboneCard, family: Family, config: HfConfig, seed: int) -> HfModel:
    with seeded(seed):
        try:
            model = model_class(family.model)(config, **add_pooling(family, config))
        except refusals() as error:
            raise CardError(f"`{card.name}`: transformers cannot build it: {one_line(error)}.") from error
    for part in family.dropped:
        setattr(model, part, None)
    _uncache(model)
    return model


def _uncache(model: HfModel) -> None:
    """BEiT keeps its index of positions for the whole process; kept from inference mode, no gradient passes it."""
    for module in model.modules():
        if cached := getattr(type(module), "generate_relative_position_index", None):
            module.generate_relative_position_index = getattr(cached, "__wrapped__", cached)


def _expect_layers(card: BackboneCard, config: HfConfig) -> None:
    if config.num_hidden_layers != card.architecture.layers:
        raise CardError(
            f"`{card.name}`: the card says {card.architecture.layers} layers, but its configuration of "
            f"{card.architecture.model} has {config.num_hidden_layers}: correct `architecture.layers`, or "
            "`num_hidden_layers` in its arguments."
        )


def _info(card: BackboneCard, family: Family, model: HfModel, seed: int, needed: Size | None) -> BackboneInfo:
    config = model.config
    patch = sides(getattr(config, "patch_size", 1))[0]
    layer = LayerInfo(config.hidden_size, patch, getattr(config, "tubelet_size", 1) if family.video else 1)
    statistics = _statistics(card, family)
    return BackboneInfo(
        name=card.name,
        layers=(layer,) * config.num_hidden_layers,
        default_layer=config.num_hidden_layers,
        preprocessing=preprocessing_id(statistics) if statistics else "",
        weights=f"random:{seed}",
        architecture=f"hf:{family.model} {json.dumps(identifying(config), sort_keys=True)}",
        prefix=(*family.prefix, *["reg"] * getattr(config, "num_register_tokens", 0)),
        frames=getattr(config, family.frames) if family.frames else None,
        image_size=needed,
        native_size=card.architecture.image_size,
        statistics=statistics,
        checkpoint="random",
        floor=True,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
    )


def _statistics(card: BackboneCard, family: Family) -> Statistics | None:
    """The card's mean and standard deviation, else those of the class's official weights."""
    if family.statistics is None:
        return None
    mean, std = card.architecture.mean, card.architecture.std
    return Statistics(mean or family.statistics.mean, std or family.statistics.std)

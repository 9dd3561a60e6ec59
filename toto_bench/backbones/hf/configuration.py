"""From a card to a transformers configuration, and what of it identifies a model."""

import math
import re
from typing import Any

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.hf.families import Family
from toto_bench.backbones.hf.library import HfConfig, model_class, one_line, quiet, refusals
from toto_bench.cards import Architecture, CardError

Size = tuple[int, int]

COMPARED = (
    *("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "mlp_ratio", "n_inner"),
    *(
        "hidden_act",
        "activation_function",
        "layer_norm_eps",
        "layer_norm_epsilon",
        "qkv_bias",
        "qv_bias",
        "vocab_size",
    ),
    *(
        "patch_size",
        "tubelet_size",
        "num_frames",
        "n_positions",
        "num_register_tokens",
        "image_size",
        "crop_size",
    ),
)
"""Values that a folder of weights and a card have to agree on; two models of the same shapes may differ in them."""
_ONLY_TRAINING = re.compile(
    r"^_|^(decoder|pred|auxiliary|initializer|out|pool|pooler|semantic|stage)_|drop|loss|^use_auxiliary"
    r"|^num_pooler|^add_fpn|^reshape_hidden|^use_cache|^frames_per_clip|_token_id$"
)
"""Values that change no feature of an encoder that is read."""


def read_configuration(kind: Any, content: dict[str, Any]) -> HfConfig:
    """The configuration that a config.json gives; transformers knows how values were called in its versions.

    Raises:
        ValueError: transformers refuses it.
    """
    try:
        with quiet():
            return kind.from_dict(content)
    except refusals() as error:
        raise ValueError(one_line(error)) from error


def configuration(name: str, architecture: Architecture) -> HfConfig:
    """The configuration of a card.

    Raises:
        CardError: its arguments are not the class's, or contradict each other.
        RequestError: the installed transformers has no such class.
    """
    kind = model_class(architecture.model).config_class
    arguments = _own_names(kind, architecture.arguments)
    known = own_values(kind())
    if unknown := [key for key in arguments if key not in known]:
        raise CardError(
            f"`{name}`: {architecture.model} has no configuration value `{unknown[0]}`. It has: {', '.join(known)}."
        )
    try:
        return kind(**arguments)
    except refusals() as error:
        raise CardError(f"`{name}`: transformers refuses the card's arguments: {one_line(error)}.") from error


def own_values(config: HfConfig) -> dict[str, Any]:
    """The values of a configuration that its class defines, without those that every model has."""
    shared = {"model_type", *model_class("PreTrainedConfig")().to_dict()}
    return {key: value for key, value in config.to_dict().items() if key not in shared}


def identifying(config: HfConfig) -> dict[str, Any]:
    """The values that change features."""
    return {key: value for key, value in own_values(config).items() if not _ONLY_TRAINING.search(key)}


def differences(ours: HfConfig, theirs: HfConfig) -> list[str]:
    """The values that two configurations do not agree on: "`patch_size` is 8 there and 16 here"."""
    pairs = {key: (getattr(theirs, key, None), getattr(ours, key, None)) for key in COMPARED}
    return [
        f"`{key}` is {their} there and {our} here"
        for key, (their, our) in pairs.items()
        if not _equal(their, our)
    ]


def resize(config: HfConfig, family: Family, name: str, image_size: Size | None) -> Size | None:
    """Set a configuration to the size that the model is to be built for; the size that it needs (None = any).

    Raises:
        UnsupportedInputError: the model cannot be built for that size.
    """
    patch = sides(config.patch_size)[0]
    size = image_size or (sides(getattr(config, family.size)) if family.size else None)
    if size is None:
        return None
    if size[0] % patch or size[1] % patch:
        raise UnsupportedInputError(
            f"`{name}` has patches of {patch} pixels, which do not fill {size[0]}x{size[1]}: take multiples of {patch}."
        )
    if family.size is None:
        return None
    if family.square and size[0] != size[1]:
        raise UnsupportedInputError(
            f"`{name}` counts its positions on a square, and cannot be built for {size[0]}x{size[1]}: take a square."
        )
    setattr(config, family.size, size[0] if size[0] == size[1] else list(size))
    return size


def sides(value: Any) -> Size:
    """Height and width of a value that is a number or a pair."""
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _own_names(kind: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """ImageGPT calls its width `n_embd`; `hidden_size` is accepted for every class."""
    return {kind.attribute_map.get(key, key): value for key, value in arguments.items()}


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other)
    if isinstance(one, int | list | tuple) and isinstance(other, int | list | tuple):
        return sides(one) == sides(other)
    return bool(one == other)

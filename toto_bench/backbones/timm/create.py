"""Creating a timm model that reads the sizes it is asked for."""

import inspect
from typing import Any, TypeAlias

import timm
import torch
from torch.func import functional_call

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.timm.wide import wide_resnet
from toto_bench.cards import BackboneCard, CardError

ANY_SIZE = {"dynamic_img_size": True, "dynamic_img_pad": True}
"""Vision transformers interpolate their positions, and pad images to a multiple of the patch."""

Size = tuple[int, int]

TimmModel: TypeAlias = Any
"""A timm model: a torch module, with attributes that only timm's convention promises."""


def create(card: BackboneCard, image_size: Size | None) -> tuple[TimmModel, Size | None]:
    """An untrained timm model without classifier, and the size that it needs (None = any).

    Args:
        card: model name and constructor arguments.
        image_size: height and width to build for, where the model is built for one size; None = its own.

    Raises:
        CardError: timm refuses the card's arguments.
        UnsupportedInputError: the model cannot be built for `image_size`.
    """
    model, sized = _first_accepted(card, image_size)
    needed = needed_size(model, image_size if sized else None)
    if image_size is not None and needed is not None:
        if needed != image_size:
            raise UnsupportedInputError(
                f"`{card.name}` reads frames of {needed[0]}x{needed[1]} only: leave the image size out."
            )
        _check_runs(card.name, model, needed)
    return model, needed


def _first_accepted(card: BackboneCard, image_size: Size | None) -> tuple[TimmModel, bool]:
    """The model, with the most flexible sizes that its constructor knows; whether it took `image_size`."""
    arguments: dict[str, Any] = {"num_classes": 0, **card.architecture.arguments}
    make = wide_resnet if "widen" in arguments else timm.create_model
    sizes: list[dict[str, Any]] = [ANY_SIZE, {}]
    if image_size is not None:
        sizes.insert(1, {"img_size": image_size})
    for size in sizes:
        try:
            model = make(card.architecture.model, pretrained=False, **arguments, **size)
        except TypeError as error:
            if any(f"'{key}'" in str(error) for key in size):
                continue
            raise CardError(f"`{card.name}`: timm does not take the card's arguments: {error}.") from error
        except (AssertionError, ValueError, RuntimeError) as error:
            if "img_size" not in size:
                raise
            raise _refused(card.name, size["img_size"], error) from error
        return model, "img_size" in size
    raise AssertionError("the last attempt has no size to refuse")


def needed_size(model: TimmModel, built_for: Size | None = None) -> Size | None:
    """Height and width that a model needs; None = any."""
    if getattr(model, "dynamic_img_size", False):
        return None
    if built_for is not None:
        return built_for
    side: Size | None = getattr(getattr(model, "patch_embed", None), "img_size", None)
    if side is None and model.pretrained_cfg.get("fixed_input_size"):
        side = tuple(model.pretrained_cfg["input_size"][-2:])
    return None if side is None else (int(side[0]), int(side[1]))


def _check_runs(name: str, model: TimmModel, size: Size) -> None:
    """Some models can be built for a size that they then fail on: run one without data, for its shapes."""
    state = {key: tensor.to("meta") for key, tensor in [*model.named_parameters(), *model.named_buffers()]}
    try:
        functional_call(model, state, torch.empty(1, 3, *size, device="meta"))
    except NotImplementedError:  # an operation that needs data; nothing can be said beforehand
        return
    except (AssertionError, ValueError, RuntimeError) as error:
        raise _refused(name, size, error) from error


def _refused(name: str, size: Size, error: Exception) -> UnsupportedInputError:
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    return UnsupportedInputError(
        f"`{name}` cannot read frames of {size[0]}x{size[1]} pixels ({reason.rstrip('.')}): take a size that "
        "its strides and windows divide, or leave the image size out."
    )


def is_readable(model: TimmModel) -> bool:
    """Whether timm can read this model's layers, and stop at the deepest one asked for."""
    read = getattr(model, "forward_intermediates", None)
    return read is not None and "stop_early" in inspect.signature(read).parameters

"""Any torch module as a backbone."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

import torch
from torch import nn

from toto_bench.backbones.base import IMAGENET, Backbone, BackboneInfo, Statistics
from toto_bench.backbones.frames import preprocessing_id
from toto_bench.backbones.python.module import ModuleBackbone
from toto_bench.backbones.python.reading import Clip, Reading, layer_shapes
from toto_bench.backbones.python.structure import structure_of
from toto_bench.backbones.python.unwrapped import unwrapped
from toto_bench.backbones.timm.adapter import TimmBackbone
from toto_bench.backbones.timm.wrap import is_timm_model, wrap
from toto_bench.backbones.weights import state_hash
from toto_bench.errors import RequestError

Triple = tuple[float, float, float]


def as_backbone(
    model: nn.Module,
    *,
    name: str | None = None,
    layers: Sequence[str] = (),
    mean: Triple | None = None,
    std: Triple | None = None,
    prefix: Sequence[str] = (),
    image_size: int | tuple[int, int] = 224,
    any_size: bool = True,
    clip: Clip = "NCHW",
    frames: int = 1,
    tubelet: int = 1,
) -> Backbone:
    """A torch module as a backbone, so that every task can evaluate it; a `Backbone` is returned as it is.

    The module is used where it is, not copied: it can go on training, and be evaluated every N steps. One forward
    pass of zeros tells the shapes of its layers.

    Args:
        model: what takes normalised frames.
        name: its name in records and tables; None = the name of its class.
        layers: dotted names of submodules whose outputs are layers 1, 2, ...; none = the model's own output is layer
            1, or for a timm model every layer that timm names. An output is [N, D, h, w] (a map), [N, L, D] (tokens:
            prefix first, then patches row by row), [N, D] (one vector), or [N, D, t, h, w]; of a tuple or dictionary
            the first tensor counts.
        mean: of each RGB channel that the model expects, of values in [0, 1]; None = what a timm model says of itself,
            else ImageNet's.
        std: the same for the standard deviation.
        prefix: names of the tokens before the patches, in order, for example `("cls",)`.
        image_size: side, or height and width, that it was made for.
        any_size: whether it reads other sizes too.
        clip: what it takes: frames one by one ("NCHW"), or clips as "BTCHW" or "BCTHW".
        frames: frames of a clip that it needs; 1 for image models.
        tubelet: frames that one of its tokens stands for.

    Raises:
        RequestError: there is no such submodule, or its output is none of these.
    """
    model, outside = unwrapped(model)
    if isinstance(model, Backbone):
        return model if name is None else renamed(model, name)
    called = name or type(model).__name__
    _expect_sensible(layers, mean, std)
    _expect_float32(model)
    if not layers and is_timm_model(model):
        given = Statistics(mean or IMAGENET.mean, std or IMAGENET.std) if mean or std else None
        return wrap(model, called, given, state_hash(model), structure_of(model))
    reading = Reading(
        layers=tuple(layer.removeprefix(outside) for layer in layers),
        prefix=tuple(prefix),
        image_size=(image_size, image_size) if isinstance(image_size, int) else image_size,
        any_size=any_size,
        clip=clip,
        frames=frames,
        tubelet=tubelet,
    )
    return ModuleBackbone(
        model, _info(model, called, reading, Statistics(mean or IMAGENET.mean, std or IMAGENET.std)), reading
    )


def _info(model: nn.Module, name: str, reading: Reading, statistics: Statistics) -> BackboneInfo:
    shapes = layer_shapes(model, reading)
    state = state_hash(model)
    return BackboneInfo(
        name=name,
        layers=shapes,
        default_layer=len(shapes),
        preprocessing=preprocessing_id(statistics),
        weights=state,
        state=state,
        prefix=reading.prefix,
        frames=None if reading.clip == "NCHW" else reading.frames,
        image_size=None if reading.any_size else reading.image_size,
        native_size=reading.image_size[0],
        statistics=statistics,
        checkpoint="code",
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        architecture=_architecture(model, reading),
    )


def architecture_now(backbone: Backbone) -> str:
    """The identity of a module's code and settings at this moment; of a backbone made otherwise, what it says.

    What a forward pass keeps (a table of positions) is first made anew from zeros, so that it is no difference.
    """
    if isinstance(backbone, ModuleBackbone):
        layer_shapes(backbone.model, backbone.reading)
        return _architecture(backbone.model, backbone.reading)
    if isinstance(backbone, TimmBackbone) and backbone.info.architecture.startswith("python:"):
        return f"python:{structure_of(backbone.model)}"
    return backbone.info.architecture


def _architecture(model: nn.Module, reading: Reading) -> str:
    return f"python:{structure_of(model)} {json.dumps(asdict(reading), sort_keys=True)}"


def _expect_sensible(layers: Sequence[str], mean: Triple | None, std: Triple | None) -> None:
    if isinstance(layers, str):
        raise RequestError(
            f"`layers` is the text {layers!r}: give a list of names, for example `({layers!r},)`."
        )
    for word, values in (("mean", mean), ("std", std)):
        if values is not None and (len(values) != 3 or (word == "std" and min(values) <= 0)):
            raise RequestError(
                f"`{word}` = {values}: give three numbers, red, green and blue"
                + (", above 0." if word == "std" else ".")
            )


def _expect_float32(model: nn.Module) -> None:
    others = {p.dtype for p in model.parameters() if p.is_floating_point()} - {torch.float32}
    if others:
        names = ", ".join(sorted(str(dtype).removeprefix("torch.") for dtype in others))
        raise RequestError(
            f"{type(model).__name__} has parameters of {names}: call its `.float()` first. Half precision is an option "
            "of the evaluation, `dtype` (`--dtype` on the command line)."
        )


def renamed(backbone: Backbone, name: str) -> Backbone:
    """The same backbone, under another name in records and tables."""
    backbone.info = replace(backbone.info, name=name)
    return backbone

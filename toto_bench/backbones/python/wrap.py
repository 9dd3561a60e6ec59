"""Any torch module as a backbone."""

from collections.abc import Sequence
from dataclasses import replace

from torch import nn

from toto_bench.backbones.base import IMAGENET, Backbone, BackboneInfo, Statistics
from toto_bench.backbones.frames import preprocessing_id
from toto_bench.backbones.python.module import ModuleBackbone
from toto_bench.backbones.python.reading import Clip, layer_shapes
from toto_bench.backbones.python.structure import structure_of
from toto_bench.backbones.timm.wrap import is_timm_model, wrap
from toto_bench.backbones.weights import state_hash

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
    if isinstance(model, Backbone):
        return model if name is None else renamed(model, name)
    called = name or type(model).__name__
    if not layers and is_timm_model(model):
        given = Statistics(mean or IMAGENET.mean, std or IMAGENET.std) if mean or std else None
        return wrap(model, called, given, state_hash(model), structure_of(model))
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    shapes = layer_shapes(
        model, layers, size=size, prefixes=len(prefix), clip=clip, frames=frames, tubelet=tubelet
    )
    statistics = Statistics(mean or IMAGENET.mean, std or IMAGENET.std)
    state = state_hash(model)
    info = BackboneInfo(
        name=called,
        layers=shapes,
        default_layer=len(shapes),
        preprocessing=preprocessing_id(statistics),
        weights=state,
        state=state,
        prefix=tuple(prefix),
        frames=None if clip == "NCHW" else frames,
        image_size=None if any_size else size,
        native_size=size[0],
        statistics=statistics,
        checkpoint="code",
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        architecture=f"python:{structure_of(model)} {list(layers)} {list(prefix)} {clip}",
    )
    return ModuleBackbone(model, tuple(layers), info, clip)


def renamed(backbone: Backbone, name: str) -> Backbone:
    """The same backbone, under another name in records and tables."""
    backbone.info = replace(backbone.info, name=name)
    return backbone

"""A timm model that somebody made, as a backbone."""

from torch import nn

from toto_bench.backbones.base import BackboneInfo, LayerInfo, Statistics
from toto_bench.backbones.frames import preprocessing_id
from toto_bench.backbones.timm.adapter import TimmBackbone
from toto_bench.backbones.timm.build import prefix_names
from toto_bench.backbones.timm.create import TimmModel, is_readable, needed_size


def is_timm_model(model: nn.Module) -> bool:
    """Whether timm says of a module which layers it has, and can read them."""
    return (
        bool(getattr(model, "feature_info", None)) and hasattr(model, "pretrained_cfg") and is_readable(model)
    )


def wrap(
    model: TimmModel, name: str, statistics: Statistics | None, state: str, structure: str
) -> TimmBackbone:
    """The model, used where it is, with the layers that `timm:MODEL` would have.

    Args:
        model: a timm model, with or without a head.
        name: its name in records and tables.
        statistics: of pixels; None = those in timm's description of the model.
        state: hash of its state dict.
        structure: identity of its code, as far as it is known.
    """
    described = model.pretrained_cfg
    statistics = statistics or Statistics(tuple(described["mean"]), tuple(described["std"]))
    layers = tuple(LayerInfo(stage["num_chs"], stage["reduction"], 1) for stage in model.feature_info)
    info = BackboneInfo(
        name=name,
        layers=layers,
        default_layer=len(layers),
        preprocessing=preprocessing_id(statistics),
        weights=state,
        state=state,
        prefix=prefix_names(model),
        image_size=needed_size(model),
        native_size=_built_for(model) or described["input_size"][-1],
        statistics=statistics,
        checkpoint="code",
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        architecture=f"python:{structure}",
    )
    backbone = TimmBackbone(model, info, statistics)
    backbone.training = model.training
    return backbone


def _built_for(model: TimmModel) -> int | None:
    """Side that a model was built for, which its description does not tell; None = it has none."""
    side = getattr(getattr(model, "patch_embed", None), "img_size", None)
    return None if side is None else int(side[-1])

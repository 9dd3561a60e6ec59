"""What tasks and records have to know of a Toto."""

import json

from toto_bench.backbones.base import BackboneInfo, LayerInfo
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.transformer import CausalTransformer


def info_of(name: str, config: TotoConfig, model: CausalTransformer, seed: int) -> BackboneInfo:
    """Of an untrained one; its identity holds the whole configuration: shapes do not tell heads, bases and ids."""
    arguments = json.dumps(config.model_dump(mode="json"), sort_keys=True)
    return BackboneInfo(
        name=name,
        layers=(LayerInfo(config.dim, config.patch, 1),) * config.depth,
        default_layer=config.depth,
        preprocessing="",
        weights=f"random:{seed}",
        architecture=f"toto {arguments}",
        native_size=config.image_size,
        rope_base=config.rope_base if config.style == "llama" else None,
        sequences=True,
        vocabulary=None if config.reads_patches else config.vocabulary,
        gpu_dtype="bfloat16",
        checkpoint="random",
        floor=True,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
    )

"""Image models of the timm library as backbones: transformers by block, CNNs and hierarchies by stage."""

from toto_bench.backbones.timm.adapter import TimmBackbone
from toto_bench.backbones.timm.build import build

__all__ = ["TimmBackbone", "build"]

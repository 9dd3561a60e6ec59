"""Stochastic depth (Huang et al. 2016, arXiv 1603.09382) in the blocks of a backbone that is trained."""

from functools import partial
from typing import Any

from timm.layers.drop import DropPath, drop_path
from torch import Tensor, nn

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.toto.blocks import Block
from toto_bench.tasks.recognition.protocol import RecognitionProtocol

_PLACES = ("drop_path1", "drop_path2", "drop_path")
"""What timm's blocks call the places at the ends of their branches."""


def has_stochastic_depth(backbone: Backbone) -> bool:
    """Whether its blocks have branches that can be left out: timm's blocks and Toto's."""
    return bool(_blocks(backbone))


def prepare_backbone(backbone: Backbone, protocol: RecognitionProtocol) -> None:
    """Put stochastic depth into the blocks, rising evenly from zero to the protocol's rate at the last one.

    In train mode a branch is left out for some items of a batch, and weighs more for the others, as timm does it.
    Weights and their names stay as they are. `resolve` has set the rate to zero where there is no place for it.
    """
    rate = float(getattr(protocol, "drop_path", 0.0))
    blocks = _blocks(backbone) if rate else []
    for number, block in enumerate(blocks):
        own = rate * number / max(len(blocks) - 1, 1)
        for name in _places(block):
            setattr(block, name, DropPath(own).train(block.training))
        if isinstance(block, Block):
            for branch in (block.attention, block.mlp):
                branch.register_forward_hook(partial(_drop, rate=own))


def _blocks(backbone: Backbone) -> list[nn.Module]:
    return [module for module in backbone.modules() if isinstance(module, Block) or _places(module)]


def _places(module: nn.Module) -> list[str]:
    return [name for name in _PLACES if isinstance(getattr(module, name, None), nn.Identity | DropPath)]


def _drop(branch: nn.Module, _: Any, output: Tensor, *, rate: float) -> Tensor:
    dropped: Tensor = drop_path(output, rate, branch.training)
    return dropped

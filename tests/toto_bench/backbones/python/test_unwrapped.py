"""What compiles a module or spreads it over devices is not part of it."""

from collections.abc import Callable

import pytest
import timm
import torch
from torch import nn

from toto_bench.backbones.python.wrap import as_backbone
from toto_bench.backbones.timm import TimmBackbone
from toto_bench.backbones.weights import state_hash


def compiled(module: nn.Module) -> nn.Module:
    return torch.compile(module, backend="eager")


def spread(module: nn.Module) -> nn.Module:
    return nn.DataParallel(compiled(module))


@pytest.mark.parametrize(
    ("around", "prefix"),
    [(compiled, "_orig_mod."), (nn.DataParallel, "module."), (spread, "module._orig_mod.")],
)
def test_the_module_inside_is_read(around: Callable[[nn.Module], nn.Module], prefix: str) -> None:
    """Same identity, same layers, under either name of a submodule."""
    module = nn.Sequential(nn.Conv2d(3, 4, 8, 8), nn.Conv2d(4, 6, 1))
    plain = as_backbone(module, name="ours", layers=("0", "1"), image_size=32)
    inside = as_backbone(around(module), name="ours", layers=("0", f"{prefix}1"), image_size=32)
    assert inside.info == plain.info
    assert inside.checkpointed() is module


@pytest.mark.parametrize("around", [compiled, nn.DataParallel])
def test_a_timm_model_stays_one(around: Callable[[nn.Module], nn.Module]) -> None:
    """With its layers and prefix."""
    model = timm.create_model("test_vit", num_classes=0)
    backbone = as_backbone(around(model), name="ours")
    assert isinstance(backbone, TimmBackbone)
    assert backbone.info == as_backbone(model, name="ours").info
    assert as_backbone(around(backbone)) is backbone


def test_a_part_may_be_compiled() -> None:
    """Weights and structure are those of before."""
    module = nn.Sequential(nn.Conv2d(3, 4, 8, 8), nn.Conv2d(4, 6, 1))
    before = as_backbone(module, image_size=32).info
    module[1] = compiled(module[1])
    assert state_hash(module) == before.weights
    assert as_backbone(module, image_size=32).info == before

"""Stochastic depth: where it has a place, at which rates, and that it does nothing when features are read."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from timm.layers.drop import DropPath

from toto_bench import load_backbone
from toto_bench.backbones.base import Backbone
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.tasks.recognition.depth import has_stochastic_depth, prepare_backbone


def prepared(backbone: Backbone, rate: float) -> Backbone:
    protocol: Any = SimpleNamespace(drop_path=rate)
    prepare_backbone(backbone, protocol)
    return backbone


def read(backbone: Backbone, seed: int = 0) -> torch.Tensor:
    """The last layer of eight frames that are alike."""
    torch.manual_seed(seed)
    video = torch.rand(1, 1, 3, 32, 32, generator=torch.Generator().manual_seed(0)).expand(8, -1, -1, -1, -1)
    [tokens] = backbone.forward_layers(backbone.prepare(video), [backbone.info.depth], norm="none")
    return tokens.patches.detach()


@pytest.mark.parametrize("name", ["timm:test_vit", "timm:test_convnext", "small"])
def test_branches_are_left_out_in_train_mode_alone(name: str, small_toto: Toto) -> None:
    """Of some items of a batch; names of weights stay, and so does what is read."""
    backbone = small_toto if name == "small" else load_backbone(name, random_init=True)
    assert has_stochastic_depth(backbone)
    names, before = list(backbone.state_dict()), read(backbone)
    prepared(backbone, 0.6)
    assert list(backbone.state_dict()) == names
    torch.testing.assert_close(read(backbone), before, rtol=0, atol=0)
    backbone.train()
    outputs = [read(backbone, seed) for seed in range(3)]
    different = {tuple(output.flatten(1)[:, 0].tolist()) for output in outputs}
    assert len(different) > 1
    assert any(not torch.allclose(output, output[:1].expand_as(output)) for output in outputs)


def test_a_branch_that_is_left_out_adds_nothing(small_toto: Toto) -> None:
    """And one that is kept weighs more, so that the mean stays: by hand on the last block."""
    [last] = small_toto.model.blocks[-1:]
    x = torch.randn(4000, 1, 16, generator=torch.Generator().manual_seed(1))
    whole = last.mlp(x).detach()
    prepared(small_toto, 0.25).train()
    torch.manual_seed(0)
    dropped = last.mlp(x).detach()
    kept = (dropped != 0).any(-1)[:, 0]
    assert 0.72 < kept.float().mean() < 0.78
    torch.testing.assert_close(dropped[kept], whole[kept] / 0.75)
    first = small_toto.model.blocks[0]
    torch.testing.assert_close(first.mlp(x), first.eval().mlp(x), rtol=0, atol=0)


def test_rates_rise_evenly() -> None:
    """From zero to that of the protocol, in both branches of a block."""
    backbone = prepared(load_backbone("timm:test_vit", random_init=True), 0.3)
    rates = [module.drop_prob for module in backbone.modules() if isinstance(module, DropPath)]
    depth = backbone.info.depth
    assert rates == pytest.approx([0.3 * (i // 2) / (depth - 1) for i in range(2 * depth)])


def test_a_rate_of_zero_changes_nothing(small_toto: Toto) -> None:
    """Not even the modules."""
    backbone = prepared(small_toto, 0.0).train()
    torch.testing.assert_close(read(backbone, 0), read(backbone, 1), rtol=0, atol=0)


def test_a_backbone_without_blocks() -> None:
    assert not has_stochastic_depth(load_backbone("pixels"))

"""One pass, which ends at the deepest layer asked for."""

import pytest
import torch

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.hf.families import FAMILIES
from toto_bench.backbones.hf.reading import find_blocks, find_norm


@pytest.mark.parametrize("model", FAMILIES)
@pytest.mark.parametrize(
    ("layers", "run"), [([3], [1, 2, 3]), ([2, 1], [1, 2]), ([1, 0], [1]), ([0], []), ([], [])]
)
def test_blocks_after_the_deepest_layer_do_not_run(model, layers, run, tiny, clip):
    backbone = tiny(model, num_hidden_layers=3)
    called: list[int] = []
    for number, block in enumerate(find_blocks(backbone.model)[1], start=1):
        block.register_forward_hook(lambda *_, number=number: called.append(number))
    backbone.forward_layers(backbone.prepare(clip(backbone)), layers)
    assert called == run


@pytest.mark.parametrize("layers", [[0], [1], [2]])
def test_no_hook_is_left_behind(layers, tiny, clip):
    backbone = tiny("ViTModel")
    backbone.forward_layers(backbone.prepare(clip(backbone)), layers)
    for block in find_blocks(backbone.model)[1]:
        assert not block._forward_hooks
        assert not block._forward_pre_hooks


def test_an_error_of_the_model_is_no_signal(tiny, monkeypatch):
    backbone = tiny("ViTModel")
    blocks = find_blocks(backbone.model)[1]
    monkeypatch.setattr(blocks[0], "forward", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("broken")))
    with pytest.raises(RuntimeError, match="broken"):
        backbone.forward_layers(torch.zeros(1, 1, 3, 32, 32), [2])
    assert not blocks[0]._forward_hooks


def test_a_model_with_its_blocks_elsewhere_is_refused():
    with pytest.raises(UnsupportedInputError, match="blocks of Linear where we do not find them"):
        find_blocks(torch.nn.Linear(2, 2))
    assert find_norm(torch.nn.Linear(2, 2)) is None

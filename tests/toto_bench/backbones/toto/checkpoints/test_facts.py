"""What shapes tell of a configuration."""

import pytest
import torch

from toto_bench.backbones.toto.checkpoints import infer_config


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
@pytest.mark.parametrize("tie_head", [True, False])
def test_shapes_tell_the_configuration(kv_heads, tie_head, make_config, make_state):
    state = make_state(make_config(kv_heads=kv_heads, tie_head=tie_head))
    expected = {"dim": 32, "depth": 3, "mlp_dim": 40, "rows": 64, "tie_head": tie_head}
    assert infer_config(state) == expected
    assert infer_config(state, heads=4) == expected | {"kv_heads": kv_heads}


def test_a_head_equal_to_the_embedding_is_tied(make_config, make_state):
    state = make_state(make_config(tie_head=False))
    state["head.weight"] = state["embed.weight"].clone()
    assert infer_config(state)["tie_head"] is True


def test_what_cannot_be_seen_is_left_out():
    assert infer_config({}) == {"depth": 0}
    assert infer_config({"blocks.11.attention.qkv.weight": torch.zeros(3, 1)}) == {"depth": 12}
    assert "kv_heads" not in infer_config({"blocks.0.attention.qkv.weight": torch.zeros(33, 32)}, heads=4)

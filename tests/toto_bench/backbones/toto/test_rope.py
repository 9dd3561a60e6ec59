"""Tables of positions: as transformers computes them, exact far out, made once."""

import pytest
import torch

from toto_bench.backbones.toto.rope import Rotary, SineCosine

CPU = torch.device("cpu")


@pytest.mark.parametrize("base", [10_000.0, 50_000.0])
def test_tables_are_those_of_transformers(base):
    llama = pytest.importorskip("transformers.models.llama.modeling_llama")
    config = llama.LlamaConfig(
        hidden_size=64, num_attention_heads=2, rope_parameters={"rope_type": "default", "rope_theta": base}
    )
    positions = torch.arange(8193)[None]
    cos, sin = llama.LlamaRotaryEmbedding(config)(torch.zeros(1), positions)
    ours = Rotary(32, base).tables(0, 8193, CPU)
    torch.testing.assert_close(ours[0][:, 0], cos[0, :, :16], atol=1e-6, rtol=0)
    torch.testing.assert_close(ours[1][:, 0], sin[0, :, :16], atol=1e-6, rtol=0)


def test_later_positions_go_on_where_earlier_ones_ended():
    rotary, heads = Rotary(8, 100.0), torch.randn(1, 9, 3, 8)
    whole = rotary(heads, 0)
    apart = torch.cat([Rotary(8, 100.0)(heads[:, :4], 0), Rotary(8, 100.0)(heads[:, 4:], 4)], dim=1)
    assert torch.equal(whole, apart)


def test_half_precision_is_turned_in_float32():
    heads = torch.randn(1, 500, 2, 64)
    found = Rotary(64, 10_000.0)(heads.bfloat16(), 4000)
    expected = Rotary(64, 10_000.0)(heads.bfloat16().float(), 4000)
    assert found.dtype == torch.bfloat16
    assert torch.equal(found, expected.bfloat16())


def test_tables_that_were_made_while_reading_serve_training():
    rotary, positions = Rotary(8, 100.0), SineCosine(8)
    with torch.inference_mode():
        rotary(torch.randn(1, 5, 1, 8), 0)
        positions(0, 5, CPU)
    weight = torch.nn.Parameter(torch.randn(1, 5, 1, 8))
    (rotary(weight, 0).sum() + (weight[:, :, 0] * positions(0, 5, CPU)).sum()).backward()
    assert weight.grad.abs().sum() > 0


def test_absolute_positions_are_sines_and_cosines():
    table = SineCosine(6)(2, 3, CPU)
    for row, position in enumerate([2.0, 3.0, 4.0]):
        angles = torch.tensor([position / 10_000 ** (2 * i / 6) for i in range(3)])
        torch.testing.assert_close(table[row], torch.cat([angles.sin(), angles.cos()]))

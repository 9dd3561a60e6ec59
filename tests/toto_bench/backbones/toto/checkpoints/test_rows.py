"""Orders of rows: whatever the numbers of heads, exporting and reading is the identity."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from toto_bench.backbones.toto.checkpoints.dialects import numbered, template
from toto_bench.backbones.toto.checkpoints.rows import grouped, paired
from toto_bench.backbones.toto.config import TotoConfig

shapes = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))


def qkv_of(kv_heads, per_group, half, width=3):
    """A matrix whose values tell the kind, head and row: 1 for queries, 2 for keys, 3 for values."""
    heads = [(1, head) for head in range(kv_heads * per_group)]
    heads += [(kind, head) for kind in (2, 3) for head in range(kv_heads)]
    rows = [[kind * 10000 + head * 100 + row] * width for kind, head in heads for row in range(2 * half)]
    return torch.tensor(rows, dtype=torch.float32)


def config_of(kv_heads, per_group, half):
    heads = kv_heads * per_group
    return TotoConfig.model_construct(dim=heads * 2 * half, heads=heads, kv_heads=kv_heads)


@given(shapes)
def test_groups_become_queries_keys_values(shape):
    kv_heads, per_group, half = shape
    expected = qkv_of(*shape)
    heads = expected.split(2 * half)
    order = []
    for group in range(kv_heads):
        order += [group * per_group + query for query in range(per_group)]
        order += [kv_heads * per_group + group, kv_heads * (per_group + 1) + group]
    fused = torch.cat([heads[number] for number in order])
    assert torch.equal(grouped(fused, config_of(*shape)), expected)


@given(shapes)
def test_pairs_become_halves(shape):
    kv_heads, per_group, half = shape
    expected = qkv_of(*shape)
    order = []
    for head in range(kv_heads * (per_group + 1)):
        for row in range(half):
            order += [head * 2 * half + row, head * 2 * half + half + row]
    order += range(len(order), len(expected))
    assert torch.equal(paired(expected[order], config_of(*shape)), expected)


@given(st.integers(0, 999))
def test_templates_name_one_block(number):
    key = f"blocks.{number}.mlp.down.weight"
    assert template(key) == ("blocks.{}.mlp.down.weight", number)
    assert numbered(*template(key)) == key
    assert template("norm.weight") == ("norm.weight", None)

"""The order of the rows of a query-key-value matrix: every dialect's, to ours.

Ours: the rows of all query heads, then of all key heads, then of all value heads, and in each query and key head the
half-split pairing of rotary embeddings (row i turns with row i + head_dim / 2).
"""

from collections.abc import Callable

import torch
from torch import Tensor

from toto_bench.backbones.toto.config import TotoConfig

RowOrder = Callable[[Tensor, TotoConfig], Tensor]
"""A matrix [(heads + 2 * kv_heads) * head_dim, dim] in a dialect's order, to ours."""


def ours(qkv: Tensor, _: TotoConfig) -> Tensor:
    """Queries, keys, values, half-split."""
    return qkv


def grouped(qkv: Tensor, config: TotoConfig) -> Tensor:
    """One group per key head: its query heads, its key head, its value head (lit-gpt before 0.5.5, TinyLlama)."""
    kv_heads = config.kv_heads or config.heads
    queries = config.heads // kv_heads
    groups = qkv.reshape(kv_heads, queries + 2, config.dim // config.heads, -1)
    return torch.cat([part.flatten(0, 2) for part in torch.split(groups, [queries, 1, 1], dim=1)])


def paired(qkv: Tensor, config: TotoConfig) -> Tensor:
    """Queries, keys, values, where row 2i of a query or key head turns with row 2i + 1 (Meta's Llama)."""
    kv_heads, head_dim = config.kv_heads or config.heads, config.dim // config.heads
    turned = (config.heads + kv_heads) * head_dim
    pairs = qkv[:turned].reshape(config.heads + kv_heads, head_dim // 2, 2, -1)
    return torch.cat([pairs.transpose(1, 2).flatten(0, 2), qkv[turned:]])

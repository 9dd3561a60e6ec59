"""Causal self-attention with all projections of a token in one matrix."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from toto_bench.backbones.toto.cache import BlockCache
from toto_bench.backbones.toto.rope import Rotary


class Attention(nn.Module):
    """Attention of each token to itself and those before it."""

    def __init__(
        self, dim: int, heads: int, kv_heads: int, *, rotary: Rotary | None = None, bias: bool = False
    ) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.rotary = heads, kv_heads, rotary
        head_dim = dim // heads
        self.qkv = nn.Linear(dim, (heads + 2 * kv_heads) * head_dim, bias=bias)
        self.out = nn.Linear(dim, dim, bias=bias)

    def forward(self, x: Tensor, cache: BlockCache | None = None) -> Tensor:
        """Of [B, N, D]; with a cache, N tokens that follow those in it."""
        batch, length, dim = x.shape
        projected = self.qkv(x).view(batch, length, self.heads + 2 * self.kv_heads, dim // self.heads)
        turning, values = projected.split([self.heads + self.kv_heads, self.kv_heads], dim=2)
        past = 0 if cache is None else cache.length
        if self.rotary is not None:
            turning = self.rotary(turning, past)
        queries, keys, values = (
            part.transpose(1, 2) for part in (*turning.split([self.heads, self.kv_heads], dim=2), values)
        )
        if cache is not None:
            keys, values = cache.extend(keys, values)
        attended = F.scaled_dot_product_attention(
            queries,
            keys,
            values,
            # `is_causal` without a mask lets the fast kernels skip what is masked; it counts from the first key.
            is_causal=past == 0,
            attn_mask=_following(past, length, x.device) if past else None,
            enable_gqa=self.kv_heads != self.heads,
        )
        out: Tensor = self.out(attended.transpose(1, 2).reshape(batch, length, dim))
        return out


def _following(past: int, length: int, device: torch.device) -> Tensor:
    """Which of the past + length keys each of the new tokens sees: bool [length, past + length]."""
    return torch.ones(length, past + length, dtype=torch.bool, device=device).tril(past)

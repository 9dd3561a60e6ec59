"""Positions: rotary embeddings (Su et al. 2021) for Llama's blocks, sine and cosine (Vaswani et al. 2017) for GPT-2."""

import torch
from torch import Tensor


class Rotary:
    """Turns channels i and i + half of each head together, by an angle that grows with the position.

    The tables are float32 whatever the model runs in, and made once for the longest sequence so far, with the
    arithmetic of `transformers` and lit-gpt: another rounding of the frequencies is seen after a few thousand tokens.
    """

    def __init__(self, head_dim: int, base: float) -> None:
        self.head_dim, self.base = head_dim, base
        self._tables: dict[torch.device, tuple[Tensor, Tensor]] = {}

    def __call__(self, heads: Tensor, start: int) -> Tensor:
        """Heads [B, N, H, head_dim] of the positions from `start` on, turned; in their own number type."""
        cos, sin = self.tables(start, heads.shape[1], heads.device)
        one, other = heads.chunk(2, dim=-1)
        return torch.cat([one * cos - other * sin, other * cos + one * sin], dim=-1).to(heads.dtype)

    def tables(self, start: int, length: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Cosine and sine of the angles, float32 [length, 1, head_dim / 2]."""
        known = self._tables.get(device)
        if known is None or len(known[0]) < start + length:
            known = self._tables[device] = _angles(start + length, self.head_dim, self.base, device)
        return known[0][start : start + length], known[1][start : start + length]


class SineCosine:
    """Absolute positions [N, D]: sines in the first half of the channels, cosines in the second."""

    def __init__(self, dim: int, base: float = 10_000.0) -> None:
        self.dim, self.base = dim, base
        self._tables: dict[torch.device, Tensor] = {}

    def __call__(self, start: int, length: int, device: torch.device) -> Tensor:
        """float32 [length, D] of the positions from `start` on."""
        known = self._tables.get(device)
        if known is None or len(known) < start + length:
            cos, sin = _angles(start + length, self.dim, self.base, device)
            with torch.inference_mode(False):
                known = self._tables[device] = torch.cat([sin, cos], dim=-1).flatten(1)
        return known[start : start + length]


def _angles(length: int, dim: int, base: float, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosine and sine [length, 1, dim / 2] of position times base ** (-2i / dim)."""
    # Tables outlive the call: made under inference_mode, they could not take part in training later.
    with torch.inference_mode(False):
        channels = torch.arange(0, dim, 2, device=device, dtype=torch.float32)
        frequencies = 1.0 / (base ** (channels / dim))
        angles = torch.arange(length, device=device, dtype=torch.float32)[:, None, None] * frequencies
        return angles.cos(), angles.sin()

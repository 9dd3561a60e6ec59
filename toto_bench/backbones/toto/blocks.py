"""Blocks: pre-norm attention and MLP, as Llama and GPT-2 have them."""

from torch import Tensor, nn

from toto_bench.backbones.toto.attention import Attention
from toto_bench.backbones.toto.cache import BlockCache
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.rope import Rotary


class SwiGlu(nn.Module):
    """Gated MLP (Shazeer 2020); gate and up in one matrix, the gate's rows first."""

    def __init__(self, dim: int, width: int) -> None:
        super().__init__()
        self.gate_up = nn.Linear(dim, 2 * width, bias=False)
        self.activation = nn.SiLU()
        self.down = nn.Linear(width, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Of [B, N, D]."""
        gate, up = self.gate_up(x).chunk(2, dim=-1)
        out: Tensor = self.down(self.activation(gate) * up)
        return out


class Mlp(nn.Module):
    """GPT-2's MLP: one hidden layer, GELU by its tanh approximation."""

    def __init__(self, dim: int, width: int) -> None:
        super().__init__()
        self.up = nn.Linear(dim, width)
        self.activation = nn.GELU(approximate="tanh")
        self.down = nn.Linear(width, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Of [B, N, D]."""
        out: Tensor = self.down(self.activation(self.up(x)))
        return out


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)).

    The paper writes both sums so; an earlier rendering of it adds to the normed states, which is taken for a slip.
    """

    def __init__(self, config: TotoConfig, rotary: Rotary | None) -> None:
        super().__init__()
        llama = config.style == "llama"
        kv_heads = config.kv_heads or config.heads
        self.attention_norm = norm_of(config)
        self.attention = Attention(config.dim, config.heads, kv_heads, rotary=rotary, bias=not llama)
        self.mlp_norm = norm_of(config)
        self.mlp = (SwiGlu if llama else Mlp)(config.dim, config.mlp_dim)

    def forward(self, x: Tensor, cache: BlockCache | None = None) -> Tensor:
        """Of [B, N, D]; with a cache, N tokens that follow those in it."""
        x = x + self.attention(self.attention_norm(x), cache)
        out: Tensor = x + self.mlp(self.mlp_norm(x))
        return out


def norm_of(config: TotoConfig) -> nn.Module:
    """RMSNorm, or GPT-2's LayerNorm."""
    return (nn.LayerNorm if config.style == "gpt2" else nn.RMSNorm)(config.dim, eps=config.eps)

"""Probes as plain modules, one each, and tokens to probe."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from toto_bench.backbones.base import Tokens
from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.settings import Head


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class PlainLinear(nn.Module):
    """Average (or [CLS]) pooling, batch norm, linear."""

    def __init__(self, head: Head, width: int, classes: int) -> None:
        super().__init__()
        width = 2 * width if head.pooling == "cls+average" else width
        self.pooling = head.pooling
        self.norm = nn.BatchNorm1d(width, affine=False, eps=1e-6) if head.batch_norm else nn.Identity()
        self.linear = nn.Linear(width, classes, bias=head.bias)
        self.names = {"weight": "linear.weight", "bias": "linear.bias"}

    def forward(self, tokens: Tokens) -> Tensor:
        average = tokens.patches.flatten(1, 3).mean(1)
        cls = None if tokens.prefix is None else tokens.prefix[:, :, 0].mean(1)
        vectors = {"average": [average], "cls": [cls], "cls+average": [cls, average]}[self.pooling]
        return self.linear(self.norm(torch.cat(vectors, 1)))


class PlainAttention(nn.Module):
    """Attention pooling with a key and a value of every token."""

    def __init__(self, head: Head, width: int, classes: int) -> None:
        super().__init__()
        self.heads = head.heads
        self.norm = nn.BatchNorm1d(width, affine=False, eps=1e-6) if head.batch_norm else nn.Identity()
        self.query = nn.Parameter(torch.zeros(head.queries, width))
        self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(2))
        self.linear = nn.Linear(width, classes, bias=head.bias)
        self.names = {
            "query": "query",
            "key": "key.weight",
            "value": "value.weight",
            "weight": "linear.weight",
            "bias": "linear.bias",
        }

    def forward(self, tokens: Tokens) -> Tensor:
        x = self.norm(tokens.patches.flatten(1, 3).transpose(1, 2)).transpose(1, 2)
        pooled = many_heads(self.query.expand(len(x), -1, -1), self.key(x), self.value(x), self.heads)
        return self.linear(pooled.mean(1))


class PlainBlock(nn.Module):
    """Cross-attention and MLP behind layer norms, with a bias of the keys that is zero."""

    def __init__(self, head: Head, width: int, classes: int) -> None:
        super().__init__()
        self.heads, hidden = head.heads, int(width * head.mlp_ratio)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query = nn.Parameter(torch.zeros(1, width))
        self.map, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        nn.init.normal_(self.key.bias)  # whatever it is, it changes nothing
        self.expand, self.contract = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.linear = nn.Linear(width, classes, bias=head.bias)
        self.names = {
            "query": "query",
            "query_map": "map.weight",
            "query_bias": "map.bias",
            "key": "key.weight",
        }
        self.names |= {
            f"norm{n}_{new}": f"norm{n}.{old}"
            for n in (1, 2)
            for new, old in (("scale", "weight"), ("shift", "bias"))
        }
        for part in ("value", "expand", "contract"):
            self.names |= {part: f"{part}.weight", f"{part}_bias": f"{part}.bias"}
        self.names |= {"weight": "linear.weight", "bias": "linear.bias"}

    def forward(self, tokens: Tokens) -> Tensor:
        x = self.norm1(tokens.patches.flatten(1, 3))
        query = self.query.expand(len(x), -1, -1)
        state = query + many_heads(self.map(query), self.key(x), self.value(x), self.heads)
        state = state + self.contract(nn.functional.gelu(self.expand(self.norm2(state))))
        return self.linear(state[:, 0])


def many_heads(query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
    q, k, v = (part.unflatten(2, (heads, -1)).transpose(1, 2) for part in (query, key, value))
    weights = (q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])).softmax(-1)
    return (weights @ v).transpose(1, 2).flatten(2)


PLAIN = {"linear": PlainLinear, "attention": PlainAttention, "attention-mlp": PlainBlock}


class Alone:
    """The probes of a bank as modules of their own, with the same weights."""

    def __init__(self, bank: ProbeBank, tokens: list[Tokens]) -> None:
        self.modules, self.stacked = [], []
        for stack in bank.all_stacks():
            for probe in stack.probes:
                for place, layer in enumerate(stack.layers):
                    width = tokens[bank.layers.index(layer)].patches.shape[-1]
                    module = PLAIN[stack.head.kind](stack.head, width, bank.classes).to(stack.kind)
                    state = {module.names[name]: value[place].detach() for name, value in probe.items()}
                    missing, unexpected = module.load_state_dict(state, strict=False)
                    assert not unexpected
                    assert all("norm." in name or name == "key.bias" for name in missing), missing
                    self.modules.append(module)
                    self.stacked.append((probe, place, layer))

    def logits(self, bank: ProbeBank, tokens: list[Tokens]) -> Tensor:
        return torch.stack(
            [
                module(tokens[bank.layers.index(layer)])
                for module, (_, _, layer) in zip(self.modules, self.stacked, strict=True)
            ]
        )

    def expect_equal(self, what: Callable[[Tensor], Tensor], tolerance: float = 1e-10) -> None:
        """`what` of every parameter (its value, its gradient)."""
        for module, (probe, place, _) in zip(self.modules, self.stacked, strict=True):
            own = dict(module.named_parameters())
            for name, value in probe.items():
                torch.testing.assert_close(
                    what(value)[place], what(own[module.names[name]]), rtol=0, atol=tolerance, msg=name
                )


@pytest.fixture
def alone() -> type[Alone]:
    return Alone


def some_tokens(widths: list[int], *, batch: int = 6, seed: int = 0, prefix: bool = False) -> list[Tokens]:
    """Two frames of 3x2 patches on each layer, away from zero, of different scales."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        scale = torch.rand(shape[-1], generator=generator, dtype=torch.float64) * 3 + 0.2
        return torch.randn(shape, generator=generator, dtype=torch.float64) * scale + scale * 2

    return [
        Tokens(draw(batch, 2, 3, 2, width), draw(batch, 2, 2, width) if prefix else None) for width in widths
    ]


@pytest.fixture
def make_tokens() -> Callable[..., list[Tokens]]:
    return some_tokens

"""Small random transformers, and exporters that write them as other code bases would, row by row."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from toto_bench.backbones.toto.checkpoints.reading import shapes_of
from toto_bench.backbones.toto.config import TotoConfig

State = dict[str, Tensor]


def small_config(**changes: object) -> TotoConfig:
    """Two key heads for four query heads, and an MLP width that is no multiple of the rest."""
    values = {
        "dim": 32, "heads": 4, "kv_heads": 2, "depth": 3, "mlp_dim": 40, "vocabulary": 60, "grid": 2, "frames": 2,
        "tokenizer": "dvae", "patch": 8, "image_size": 16,
    }  # fmt: skip
    return TotoConfig(**(values | changes))


def random_state(config: TotoConfig, seed: int = 0) -> State:
    """Norms near one, everything else small and random."""
    generator = torch.Generator().manual_seed(seed)
    return {
        key: torch.randn(shape, generator=generator) * 0.2 + (1.0 if "norm" in key else 0.0)
        for key, shape in shapes_of(config).items()
    }


def _split(qkv: Tensor, config: TotoConfig) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """The heads of queries, keys and values of our matrix, each [head_dim, dim]."""
    kv_heads, head_dim = config.kv_heads or config.heads, config.dim // config.heads
    heads = list(qkv.split(head_dim))
    queries, rest = heads[: config.heads], heads[config.heads :]
    return queries, rest[:kv_heads], rest[kv_heads:]


def _as_pairs(head: Tensor) -> Tensor:
    """Rows i and i + half of a head become neighbours."""
    half = len(head) // 2
    return torch.stack([head[i + part * half] for i in range(half) for part in (0, 1)])


def _interleaved(qkv: Tensor, config: TotoConfig) -> Tensor:
    """q q k v, q q k v, ...: a group per key head."""
    queries, keys, values = _split(qkv, config)
    per_group = len(queries) // len(keys)
    rows = []
    for number, (key, value) in enumerate(zip(keys, values, strict=True)):
        rows += [*queries[number * per_group : (number + 1) * per_group], key, value]
    return torch.cat(rows)


def _shared(state: State, names: dict[str, str]) -> State:
    return {names[key]: tensor for key, tensor in state.items() if key in names}


def _hf(state: State, config: TotoConfig) -> State:
    names = {"embed.weight": "model.embed_tokens.weight", "norm.weight": "model.norm.weight"}
    out = _shared(state, names | {"head.weight": "lm_head.weight"})
    for i in range(config.depth):
        ours, theirs = f"blocks.{i}.", f"model.layers.{i}."
        for name, heads in zip("qkv", _split(state[f"{ours}attention.qkv.weight"], config), strict=True):
            out[f"{theirs}self_attn.{name}_proj.weight"] = torch.cat(heads)
        gate, up = state[f"{ours}mlp.gate_up.weight"].chunk(2)
        out |= {
            f"{theirs}self_attn.o_proj.weight": state[f"{ours}attention.out.weight"],
            f"{theirs}mlp.gate_proj.weight": gate,
            f"{theirs}mlp.up_proj.weight": up,
            f"{theirs}mlp.down_proj.weight": state[f"{ours}mlp.down.weight"],
            f"{theirs}input_layernorm.weight": state[f"{ours}attention_norm.weight"],
            f"{theirs}post_attention_layernorm.weight": state[f"{ours}mlp_norm.weight"],
        }
    return out


def _meta(state: State, config: TotoConfig) -> State:
    names = {
        "embed.weight": "tok_embeddings.weight",
        "norm.weight": "norm.weight",
        "head.weight": "output.weight",
    }
    out = _shared(state, names)
    head_dim = config.dim // config.heads
    out["rope.freqs"] = config.rope_base ** (-torch.arange(0, head_dim, 2).float() / head_dim)
    for i in range(config.depth):
        ours, theirs = f"blocks.{i}.", f"layers.{i}."
        queries, keys, values = _split(state[f"{ours}attention.qkv.weight"], config)
        gate, up = state[f"{ours}mlp.gate_up.weight"].chunk(2)
        out |= {
            f"{theirs}attention.wq.weight": torch.cat([_as_pairs(head) for head in queries]),
            f"{theirs}attention.wk.weight": torch.cat([_as_pairs(head) for head in keys]),
            f"{theirs}attention.wv.weight": torch.cat(values),
            f"{theirs}attention.wo.weight": state[f"{ours}attention.out.weight"],
            f"{theirs}feed_forward.w1.weight": gate,
            f"{theirs}feed_forward.w2.weight": state[f"{ours}mlp.down.weight"],
            f"{theirs}feed_forward.w3.weight": up,
            f"{theirs}attention_norm.weight": state[f"{ours}attention_norm.weight"],
            f"{theirs}ffn_norm.weight": state[f"{ours}mlp_norm.weight"],
        }
    return out


def _lit(
    attention: str, gate: str, up: str, down: str, *, interleaved: bool
) -> Callable[[State, TotoConfig], State]:
    def export(state: State, config: TotoConfig) -> State:
        names = {"embed.weight": "transformer.wte.weight", "norm.weight": "transformer.ln_f.weight"}
        out = _shared(state, names | {"head.weight": "lm_head.weight"})
        for i in range(config.depth):
            ours, theirs = f"blocks.{i}.", f"transformer.h.{i}."
            qkv = state[f"{ours}attention.qkv.weight"]
            gates, ups = state[f"{ours}mlp.gate_up.weight"].chunk(2)
            out |= {
                f"{theirs}attn.{attention}.weight": _interleaved(qkv, config) if interleaved else qkv,
                f"{theirs}attn.proj.weight": state[f"{ours}attention.out.weight"],
                f"{theirs}mlp.{gate}.weight": gates,
                f"{theirs}mlp.{up}.weight": ups,
                f"{theirs}mlp.{down}.weight": state[f"{ours}mlp.down.weight"],
                f"{theirs}norm_1.weight": state[f"{ours}attention_norm.weight"],
                f"{theirs}norm_2.weight": state[f"{ours}mlp_norm.weight"],
            }
        return out

    return export


EXPORTERS: dict[str, Callable[[State, TotoConfig], State]] = {
    "native": lambda state, _: dict(state),
    "HF Llama": _hf,
    "Meta Llama": _meta,
    "TinyLlama": _lit("attn", "swiglu.w1", "swiglu.w2", "swiglu.w3", interleaved=True),
    "lit-gpt before 0.5.5": _lit("attn", "fc_1", "fc_2", "proj", interleaved=True),
    "lit-gpt": _lit("qkv", "fc_1", "fc_2", "proj", interleaved=False),
}


@pytest.fixture(params=EXPORTERS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Every dialect of Llama-style transformers."""
    return str(request.param)


@pytest.fixture
def make_config() -> Callable[..., TotoConfig]:
    """A small configuration, with changes."""
    return small_config


@pytest.fixture
def make_state() -> Callable[..., State]:
    """A random state dict of a configuration, under our keys."""
    return random_state


@pytest.fixture
def export() -> Callable[[str, State, TotoConfig], State]:
    """A state dict under our keys, as a dialect would name and order it."""

    def as_dialect(name: str, state: State, config: TotoConfig) -> State:
        return {key: tensor.clone() for key, tensor in EXPORTERS[name](state, config).items()}

    return as_dialect

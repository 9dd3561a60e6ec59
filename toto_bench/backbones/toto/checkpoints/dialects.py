"""How transformers of Llama's and Mamba's kind are called in known code bases, as one table each.

Sources: TinyLlama `lit_gpt/model.py`, litgpt 0.5.4 and 0.5.11 `litgpt/model.py`, xformers `SwiGLU` (w1 gate, w2 up,
w3 down), transformers 5 `LlamaForCausalLM` and `MambaForCausalLM`, Meta's `llama/model.py` (w1 gate, w3 up, w2 down).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from toto_bench.backbones.toto.checkpoints.rows import RowOrder, grouped, ours, paired

_NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")

QKV = "attention.qkv.weight"
"""How the names of the matrices end whose rows a dialect may order in its own way."""


@dataclass(frozen=True, eq=False)
class Dialect:
    """The names that one code base gives to the tensors of a transformer."""

    name: str
    keys: Mapping[str, tuple[str, ...]]
    """Our name, and the file's names whose rows make it, in this order; `{}` is the number of a block."""
    rows: RowOrder = ours
    style: str | None = "llama"
    """The only style that it can hold; None = any."""

    def templates(self) -> frozenset[str]:
        """The file's names that it knows."""
        return frozenset(name for names in self.keys.values() for name in names)


def template(key: str) -> tuple[str, int | None]:
    """A key with `{}` in the place of its block's number, and the number: `blocks.3.x` is (`blocks.{}.x`, 3)."""
    found = _NUMBER.search(key)
    return (key, None) if found is None else (_NUMBER.sub("{}", key, count=1), int(found[0]))


def numbered(name: str, number: int | None) -> str:
    """The key of a template in one block: the inverse of `template`."""
    return name if number is None else name.replace("{}", str(number), 1)


def native(keys: Iterable[str]) -> Dialect:
    """Our own names, as the model itself gives them."""
    return Dialect(
        "native", {name: (name,) for name in [*(template(key)[0] for key in keys), "head.weight"]}, style=None
    )


_LIT = {
    "embed.weight": ("transformer.wte.weight",),
    "blocks.{}.attention_norm.weight": ("transformer.h.{}.norm_1.weight",),
    "blocks.{}.attention.out.weight": ("transformer.h.{}.attn.proj.weight",),
    "blocks.{}.mlp_norm.weight": ("transformer.h.{}.norm_2.weight",),
    "norm.weight": ("transformer.ln_f.weight",),
    "head.weight": ("lm_head.weight",),
}
_LIT_QKV_GROUPED = {"blocks.{}.attention.qkv.weight": ("transformer.h.{}.attn.attn.weight",)}
_LIT_QKV = {"blocks.{}.attention.qkv.weight": ("transformer.h.{}.attn.qkv.weight",)}
_LIT_MLP = {
    "blocks.{}.mlp.gate_up.weight": ("transformer.h.{}.mlp.fc_1.weight", "transformer.h.{}.mlp.fc_2.weight"),
    "blocks.{}.mlp.down.weight": ("transformer.h.{}.mlp.proj.weight",),
}
_TINYLLAMA_MLP = {
    "blocks.{}.mlp.gate_up.weight": (
        "transformer.h.{}.mlp.swiglu.w1.weight",
        "transformer.h.{}.mlp.swiglu.w2.weight",
    ),
    "blocks.{}.mlp.down.weight": ("transformer.h.{}.mlp.swiglu.w3.weight",),
}
_HF_LLAMA = {
    "embed.weight": ("embed_tokens.weight",),
    "blocks.{}.attention_norm.weight": ("layers.{}.input_layernorm.weight",),
    "blocks.{}.attention.qkv.weight": (
        "layers.{}.self_attn.q_proj.weight",
        "layers.{}.self_attn.k_proj.weight",
        "layers.{}.self_attn.v_proj.weight",
    ),
    "blocks.{}.attention.out.weight": ("layers.{}.self_attn.o_proj.weight",),
    "blocks.{}.mlp_norm.weight": ("layers.{}.post_attention_layernorm.weight",),
    "blocks.{}.mlp.gate_up.weight": ("layers.{}.mlp.gate_proj.weight", "layers.{}.mlp.up_proj.weight"),
    "blocks.{}.mlp.down.weight": ("layers.{}.mlp.down_proj.weight",),
    "norm.weight": ("norm.weight",),
    "head.weight": ("lm_head.weight",),
}
_META_LLAMA = {
    "embed.weight": ("tok_embeddings.weight",),
    "blocks.{}.attention_norm.weight": ("layers.{}.attention_norm.weight",),
    "blocks.{}.attention.qkv.weight": (
        "layers.{}.attention.wq.weight",
        "layers.{}.attention.wk.weight",
        "layers.{}.attention.wv.weight",
    ),
    "blocks.{}.attention.out.weight": ("layers.{}.attention.wo.weight",),
    "blocks.{}.mlp_norm.weight": ("layers.{}.ffn_norm.weight",),
    "blocks.{}.mlp.gate_up.weight": ("layers.{}.feed_forward.w1.weight", "layers.{}.feed_forward.w3.weight"),
    "blocks.{}.mlp.down.weight": ("layers.{}.feed_forward.w2.weight",),
    "norm.weight": ("norm.weight",),
    "head.weight": ("output.weight",),
}
_HF_MAMBA = {
    "embed.weight": ("embeddings.weight",),
    "norm.weight": ("norm_f.weight",),
    "head.weight": ("lm_head.weight",),
    "blocks.{}.norm.weight": ("layers.{}.norm.weight",),
} | {
    f"blocks.{{}}.mixer.{name}": (f"layers.{{}}.mixer.{name}",)
    for name in (
        *("A_log", "D", "in_proj.weight", "conv1d.weight", "conv1d.bias"),
        *("x_proj.weight", "dt_proj.weight", "dt_proj.bias", "out_proj.weight"),
    )
}

HF_LLAMA = Dialect("HF Llama", _HF_LLAMA)
META_LLAMA = Dialect("Meta Llama", _META_LLAMA, paired)
TINYLLAMA = Dialect("TinyLlama", _LIT | _LIT_QKV_GROUPED | _TINYLLAMA_MLP, grouped)
LIT_GPT_GROUPED = Dialect("lit-gpt before 0.5.5", _LIT | _LIT_QKV_GROUPED | _LIT_MLP, grouped)
LIT_GPT = Dialect("lit-gpt", _LIT | _LIT_QKV | _LIT_MLP)
HF_MAMBA = Dialect("HF Mamba", _HF_MAMBA, style="mamba")

FOREIGN = (HF_LLAMA, META_LLAMA, TINYLLAMA, LIT_GPT_GROUPED, LIT_GPT, HF_MAMBA)
"""Every dialect but our own."""

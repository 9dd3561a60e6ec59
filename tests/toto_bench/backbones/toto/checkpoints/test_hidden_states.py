"""A checkpoint in any dialect gives the hidden states of the code that wrote it, at every layer.

The references are transformers' Llama and Mamba, and two small ones written here: rotary embeddings as complex numbers
over neighbouring channels (Meta), and attention from one matrix of groups (lit-gpt, TinyLlama).
"""

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from toto_bench.backbones.toto.checkpoints import read_checkpoint
from toto_bench.backbones.toto.transformer import CausalTransformer

TOLERANCE = {"atol": 1e-5, "rtol": 1e-5}
IDS = torch.randint(0, 64, (2, 17), generator=torch.Generator().manual_seed(5))


def hidden_states(path, config):
    """Embeddings and the outputs of all blocks, of our model with a checkpoint."""
    model = CausalTransformer(config).eval()
    model.load_state_dict(read_checkpoint(path, config))
    with torch.inference_mode():
        return model(model.embed_ids(IDS), list(range(config.depth + 1)))


def norm(x, weight, eps=1e-5):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * weight


def attend(q, k, v):
    """Causal attention [B, heads, N, head_dim], written out; key heads are repeated for their queries."""
    k, v = (each.repeat_interleave(q.shape[1] // k.shape[1], dim=1) for each in (k, v))
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    mixed = scores.masked_fill(future, float("-inf")).softmax(-1) @ v
    return mixed.transpose(1, 2).flatten(2)


def heads_of(x, head_dim):
    return x.unflatten(-1, (-1, head_dim)).transpose(1, 2)


def turned_as_complex(x, base):
    """Channels 2i and 2i + 1 are one complex number."""
    angles = torch.outer(
        torch.arange(x.shape[2]).double(), base ** -(torch.arange(0, x.shape[3], 2).double() / x.shape[3])
    )
    numbers = torch.view_as_complex(x.double().unflatten(-1, (-1, 2)).contiguous())
    return torch.view_as_real(numbers * torch.polar(torch.ones_like(angles), angles)).flatten(-2).float()


def turned_in_halves(x, base):
    """Channels i and i + half turn together."""
    half = x.shape[3] // 2
    angles = torch.outer(torch.arange(x.shape[2]).float(), base ** -(torch.arange(half).float() / half))
    first, second = x[..., :half], x[..., half:]
    return torch.cat(
        [first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()], -1
    )


def meta_llama(state, config):
    """Hidden states of Meta's Llama."""
    x = state["tok_embeddings.weight"][IDS]
    states = [x]
    for i in range(config.depth):
        w = {key.removeprefix(f"layers.{i}."): value for key, value in state.items()}
        y = norm(x, w["attention_norm.weight"])
        q, k, v = (
            heads_of(y @ w[f"attention.w{name}.weight"].T, config.dim // config.heads) for name in "qkv"
        )
        q, k = (turned_as_complex(each, config.rope_base) for each in (q, k))
        x = x + attend(q, k, v) @ w["attention.wo.weight"].T
        y = norm(x, w["ffn_norm.weight"])
        gate, up = (y @ w[f"feed_forward.w{name}.weight"].T for name in "13")
        x = x + (gate * gate.sigmoid() * up) @ w["feed_forward.w2.weight"].T
        states.append(x)
    return states


def lit_gpt(state, config, mlp):
    """Hidden states of lit-gpt: each group's queries, key and value come from neighbouring rows of one matrix."""
    per_group, head_dim = config.heads // (config.kv_heads or config.heads), config.dim // config.heads
    gate_name, up_name, down_name = mlp
    x = state["transformer.wte.weight"][IDS]
    states = [x]
    for i in range(config.depth):
        w = {key.removeprefix(f"transformer.h.{i}."): value for key, value in state.items()}
        qkv = norm(x, w["norm_1.weight"]) @ w["attn.attn.weight"].T
        groups = qkv.unflatten(-1, (-1, per_group + 2, head_dim))
        q = turned_in_halves(groups[:, :, :, :per_group].flatten(2, 3).transpose(1, 2), config.rope_base)
        k = turned_in_halves(groups[:, :, :, per_group].transpose(1, 2), config.rope_base)
        v = groups[:, :, :, per_group + 1].transpose(1, 2)
        x = x + attend(q, k, v) @ w["attn.proj.weight"].T
        y = norm(x, w["norm_2.weight"])
        gate, up = (y @ w[f"mlp.{name}.weight"].T for name in (gate_name, up_name))
        x = x + (F.silu(gate) * up) @ w[f"mlp.{down_name}.weight"].T
        states.append(x)
    return states


REFERENCES = {
    "Meta Llama": meta_llama,
    "TinyLlama": lambda state, config: lit_gpt(state, config, ("swiglu.w1", "swiglu.w2", "swiglu.w3")),
    "lit-gpt before 0.5.5": lambda state, config: lit_gpt(state, config, ("fc_1", "fc_2", "proj")),
}


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("kv_heads", [4, 2, 1])
def test_the_code_that_wrote_it_gives_the_same(name, kv_heads, make_config, make_state, export, tmp_path):
    config = make_config(kv_heads=kv_heads)
    exported = export(name, make_state(config), config)
    expected = REFERENCES[name](exported, config)
    save_file(exported, tmp_path / "weights.safetensors")
    found = hidden_states(tmp_path / "weights.safetensors", config)
    assert len(found) == len(expected) == config.depth + 1
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, **TOLERANCE)


@pytest.mark.parametrize("kv_heads", [4, 2])
@pytest.mark.parametrize("tie_head", [True, False])
def test_transformers_gives_the_same(kv_heads, tie_head, make_config, tmp_path):
    transformers = pytest.importorskip("transformers")
    config = make_config(kv_heads=kv_heads, tie_head=tie_head)
    torch.manual_seed(3)
    reference = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=64,
            hidden_size=config.dim,
            num_hidden_layers=config.depth,
            num_attention_heads=config.heads,
            num_key_value_heads=kv_heads,
            intermediate_size=config.mlp_dim,
            rms_norm_eps=config.eps,
            rope_theta=config.rope_base,
            tie_word_embeddings=tie_head,
            initializer_range=0.2,
        )
    ).eval()
    reference.save_pretrained(tmp_path, max_shard_size="20KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    with torch.inference_mode():
        expected = reference(IDS, output_hidden_states=True).hidden_states
    found = hidden_states(tmp_path, config)
    for ours, theirs in zip(found[:-1], expected[:-1], strict=True):
        torch.testing.assert_close(ours, theirs, **TOLERANCE)
    # Their last hidden state has passed the final norm.
    last = norm(found[-1], reference.state_dict()["model.norm.weight"])
    torch.testing.assert_close(last, expected[-1], **TOLERANCE)


@pytest.mark.parametrize("tie_head", [True, False])
def test_transformers_mamba_gives_the_same(tie_head, make_config, tmp_path):
    transformers = pytest.importorskip("transformers")
    config = make_config(style="mamba", kv_heads=None, tie_head=tie_head)
    torch.manual_seed(3)
    reference = transformers.MambaForCausalLM(
        transformers.MambaConfig(
            vocab_size=64,
            hidden_size=config.dim,
            num_hidden_layers=config.depth,
            tie_word_embeddings=tie_head,
            initializer_range=0.2,
        )
    ).eval()
    reference.save_pretrained(tmp_path)
    with torch.inference_mode():
        expected = reference(IDS, output_hidden_states=True).hidden_states
    found = hidden_states(tmp_path, config)
    # Theirs begin after the first block, and end with the final norm.
    for ours, theirs in zip(found[1:], expected[:-1], strict=True):
        torch.testing.assert_close(ours, theirs, **TOLERANCE)
    last = norm(found[-1], reference.state_dict()["backbone.norm_f.weight"])
    torch.testing.assert_close(last, expected[-1], **TOLERANCE)

"""The transformer: states and scores of the libraries that others use, no more work than asked, causality.

References: transformers' LlamaForCausalLM, GPT2LMHeadModel and MambaForCausalLM, with our weights.
"""

import pytest
import torch

from toto_bench.backbones.toto.build import config_of
from toto_bench.backbones.toto.transformer import CausalTransformer
from toto_bench.cards import find_backbone

CLOSE = {"atol": 1e-5, "rtol": 1e-5}
IDS = torch.randint(0, 64, (2, 23), generator=torch.Generator().manual_seed(2))


def llama_of(model):
    """transformers' Llama with the weights of ours."""
    transformers = pytest.importorskip("transformers")
    config = model.config
    kv_heads, head = config.kv_heads or config.heads, config.dim // config.heads
    reference = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=config.ids, hidden_size=config.dim, num_hidden_layers=config.depth,
            num_attention_heads=config.heads, num_key_value_heads=kv_heads, intermediate_size=config.mlp_dim,
            rms_norm_eps=config.eps, tie_word_embeddings=config.tie_head, max_position_embeddings=8192,
            rope_parameters={"rope_type": "default", "rope_theta": config.rope_base},
        )
    ).eval()  # fmt: skip
    own = model.state_dict()
    theirs = {"model.embed_tokens.weight": own["embed.weight"], "model.norm.weight": own["norm.weight"]}
    theirs["lm_head.weight"] = own["embed.weight"] if config.tie_head else own["head.weight"]
    for i in range(config.depth):
        block = {key.removeprefix(f"blocks.{i}."): value for key, value in own.items()}
        q, k, v = block["attention.qkv.weight"].split([config.dim, kv_heads * head, kv_heads * head])
        gate, up = block["mlp.gate_up.weight"].chunk(2)
        theirs |= {
            f"model.layers.{i}.{name}.weight": value
            for name, value in {
                "self_attn.q_proj": q, "self_attn.k_proj": k, "self_attn.v_proj": v,
                "self_attn.o_proj": block["attention.out.weight"], "mlp.gate_proj": gate, "mlp.up_proj": up,
                "mlp.down_proj": block["mlp.down.weight"], "input_layernorm": block["attention_norm.weight"],
                "post_attention_layernorm": block["mlp_norm.weight"],
            }.items()
        }  # fmt: skip
    reference.load_state_dict(theirs)
    return reference


def gpt2_of(model):
    """transformers' GPT-2 with the weights of ours, and our positions in the place of learnt ones."""
    transformers = pytest.importorskip("transformers")
    config = model.config
    reference = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            vocab_size=config.ids, n_positions=64, n_embd=config.dim, n_layer=config.depth, n_head=config.heads,
            n_inner=config.mlp_dim, activation_function="gelu_new", layer_norm_epsilon=config.eps,
        )
    ).eval()  # fmt: skip
    names = {
        "attention_norm": "ln_1", "attention.qkv": "attn.c_attn", "attention.out": "attn.c_proj",
        "mlp_norm": "ln_2", "mlp.up": "mlp.c_fc", "mlp.down": "mlp.c_proj",
    }  # fmt: skip
    theirs = {"transformer.wpe.weight": model.positions(0, 64, torch.device("cpu"))}
    for key, value in model.state_dict().items():
        if key == "embed.weight":
            theirs |= {"transformer.wte.weight": value, "lm_head.weight": value}
        elif key.startswith("norm."):
            theirs[f"transformer.ln_f.{key[5:]}"] = value
        else:
            _, number, rest = key.split(".", 2)
            part, _, kind = rest.rpartition(".")
            # Their matrices are stored the other way round.
            theirs[f"transformer.h.{number}.{names[part]}.{kind}"] = value.T if value.ndim == 2 else value
    reference.load_state_dict(theirs)
    return reference


def mamba_of(model):
    """transformers' Mamba with the weights of ours."""
    transformers = pytest.importorskip("transformers")
    config = model.config
    reference = transformers.MambaForCausalLM(
        transformers.MambaConfig(
            vocab_size=config.ids,
            hidden_size=config.dim,
            num_hidden_layers=config.depth,
            layer_norm_epsilon=config.eps,
        )
    ).eval()
    theirs = {}
    for key, value in model.state_dict().items():
        if key == "embed.weight":
            theirs |= {"backbone.embeddings.weight": value, "lm_head.weight": value}
        elif key == "norm.weight":
            theirs["backbone.norm_f.weight"] = value
        else:
            theirs[key.replace("blocks.", "backbone.layers.")] = value
    reference.load_state_dict(theirs)
    return reference


VARIANTS = {
    "llama": (llama_of, {}),
    "llama, own head": (llama_of, {"tie_head": False}),
    "llama, grouped heads": (llama_of, {"kv_heads": 2, "rope_base": 50_000.0, "rows": 80}),
    "gpt2": (gpt2_of, {"style": "gpt2"}),
    "mamba": (mamba_of, {"style": "mamba"}),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_all_states_and_scores_are_those_of_transformers(variant, make_toto):
    reference_of, changes = VARIANTS[variant]
    model = make_toto(**changes).model
    reference = reference_of(model)
    with torch.no_grad():
        expected = reference(IDS, output_hidden_states=True)
        states = model(model.embed_ids(IDS), range(model.config.depth + 1))
        # Their last hidden state has passed the final norm; Mamba's come without the embeddings, and with both.
        mamba = variant == "mamba"
        for ours, theirs in zip(states[mamba : -1 + mamba or None], expected.hidden_states[:-1], strict=True):
            torch.testing.assert_close(ours, theirs, **CLOSE)
        torch.testing.assert_close(model.norm(states[-1]), expected.hidden_states[-1], **CLOSE)
        torch.testing.assert_close(model.logits(states[-1]), expected.logits, **CLOSE)
    assert states[-1].std() > 0.01


@pytest.mark.parametrize("style", ["llama", "gpt2"])
def test_random_weights_that_write_into_the_residual_stream_are_smaller(style, make_small):
    """By sqrt(2 depth), as GPT-2 has them; the others have a deviation of 0.02."""
    torch.manual_seed(0)
    model = CausalTransformer(make_small(style=style, dim=128, mlp_dim=192, depth=8))
    for block in model.blocks:
        for name, parameter in block.named_parameters():
            if parameter.ndim == 2:
                expected = 0.02 / 4 if name in ("attention.out.weight", "mlp.down.weight") else 0.02
                assert parameter.std().item() == pytest.approx(expected, rel=0.05), name
            elif name.endswith("bias"):
                assert not parameter.any()


@pytest.mark.parametrize(
    ("name", "millions"), [("base", 119.559936), ("large", 276.861952), ("1b", 1147.242496)]
)
def test_the_papers_sizes_have_their_parameters(name, millions):
    """120m, 280m and 1.1b in the paper."""
    with torch.device("meta"):
        model = CausalTransformer(config_of(find_backbone(f"toto-{name}")))
    assert sum(parameter.numel() for parameter in model.parameters()) == round(millions * 1e6)


@pytest.mark.parametrize("style", ["llama", "gpt2", "mamba"])
def test_blocks_after_the_deepest_layer_and_the_head_do_not_run(style, make_toto):
    if style == "mamba":
        pytest.importorskip("transformers")
    toto = make_toto(style, tie_head=False)
    ran = []
    for name, module in toto.model.named_children():
        if name != "blocks":
            module.register_forward_hook(lambda *_, name=name: ran.append(name))
    for number, block in enumerate(toto.model.blocks, start=1):
        block.register_forward_hook(lambda *_, number=number: ran.append(number))
    toto.forward_layers(torch.zeros(1, 2, 2, 2, dtype=torch.int32), [2, 1])
    assert [each for each in ran if each != "embed"] == [1, 2]
    ran.clear()
    toto.forward_layers(torch.zeros(1, 2, 2, 2, dtype=torch.int32), [0])
    assert set(ran) == {"embed"}


@pytest.mark.parametrize("style", ["llama", "gpt2", "mamba"])
def test_a_state_depends_on_what_comes_before_it_and_on_itself(style, make_toto):
    if style == "mamba":
        pytest.importorskip("transformers")
    model = make_toto(style).model
    changed = IDS.clone()
    changed[:, 10] = (changed[:, 10] + 1) % 64
    with torch.no_grad():
        before, after = (model(model.embed_ids(ids), [4])[0] for ids in (IDS, changed))
    assert torch.equal(before[:, :10], after[:, :10])
    assert (before[:, 10:] - after[:, 10:]).abs().amax(dim=(0, 2)).min() > 1e-6


def test_positions_matter(make_toto):
    for style in ("llama", "gpt2"):
        model = make_toto(style).model
        with torch.no_grad():
            one, other = (model(model.embed_ids(ids), [1])[0] for ids in (IDS, IDS.flip(1)))
        assert (one[:, -1] - other.flip(1)[:, -1]).abs().max() > 1e-4


def test_autocast_keeps_the_residual_stream_in_float32(make_toto):
    model = make_toto(depth=2, mlp_dim=96, dim=64).model
    with torch.no_grad():
        [exact] = model(model.embed_ids(IDS), [2])
        with torch.autocast("cpu", torch.bfloat16):
            [rounded] = model(model.embed_ids(IDS), [2])
    assert rounded.dtype == torch.float32
    assert not torch.equal(exact, rounded)
    torch.testing.assert_close(rounded, exact, atol=0.05, rtol=0.05)


def test_mamba_without_transformers_says_what_is_missing(monkeypatch, make_small):
    monkeypatch.setattr("toto_bench.backbones.toto.mamba.find_spec", lambda _: None)
    with pytest.raises(Exception, match=r"toto-bench\[hf\]"):
        CausalTransformer(make_small(style="mamba"))

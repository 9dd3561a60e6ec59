"""Every dialect, wrapper and prefix gives back the tensors that were written."""

import argparse
import json

import pytest
import torch
from safetensors.torch import save_file

from toto_bench.backbones.toto.checkpoints import read_checkpoint


def expect_equal(found, expected):
    assert found.keys() == expected.keys()
    for key, tensor in expected.items():
        assert found[key].dtype == torch.float32
        assert torch.equal(found[key], tensor), key


@pytest.mark.parametrize("kv_heads", [None, 1, 2])
@pytest.mark.parametrize("tie_head", [True, False])
def test_every_dialect_reads_back(dialect, kv_heads, tie_head, make_config, make_state, export, tmp_path):
    config = make_config(kv_heads=kv_heads, tie_head=tie_head)
    state = make_state(config)
    save_file(export(dialect, state, config), tmp_path / "weights.safetensors")
    expect_equal(read_checkpoint(tmp_path / "weights.safetensors", config), state)


WRAPPED = {
    "model": lambda state: {
        "model": state,
        "optimizer": {"state": {0: {"exp_avg": torch.zeros(3)}}},
        "iter_num": 7,
    },
    "lightning": lambda state: {
        "state_dict": {f"model.{key}": value for key, value in state.items()},
        "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(3)}}}],
        "hyper_parameters": {"lr": 3e-4},
        "epoch": 2,
    },
    "deepspeed": lambda state: {
        "module": state,
        "args": argparse.Namespace(lr=1e-3),
        "rng_state": torch.zeros(3),
    },
    "nested": lambda state: {"state_dict": {"model": state}, "step": 3},
    "ddp, compiled": lambda state: {f"module._orig_mod.{key}": value for key, value in state.items()},
    "compiled, ddp": lambda state: {
        "model": {f"_orig_mod.module.{key}": value for key, value in state.items()}
    },
    "fsdp": lambda state: {
        f"_fsdp_wrapped_module.{key}".replace(
            ".0.", ".0._fsdp_wrapped_module._checkpoint_wrapped_module."
        ): value
        for key, value in state.items()
    },
    "flat optimizer": lambda state: (
        {f"model.{key}": value for key, value in state.items()}
        | {"optimizer.state.norm.exp_avg": torch.zeros(3)}
    ),
}


@pytest.mark.parametrize("wrapper", WRAPPED)
def test_wrappers_and_prefixes_are_stripped(dialect, wrapper, make_config, make_state, export, tmp_path):
    config = make_config()
    state = make_state(config)
    path = tmp_path / "checkpoint.ckpt"
    torch.save(WRAPPED[wrapper](export(dialect, state, config)), path)
    expect_equal(read_checkpoint(path, config), state)


def test_half_precision_becomes_float32(dialect, make_config, make_state, export, tmp_path):
    config = make_config()
    state = {key: tensor.bfloat16() for key, tensor in make_state(config).items()}
    exported = {key: tensor.bfloat16() for key, tensor in export(dialect, state, config).items()}
    save_file(exported, tmp_path / "weights.safetensors")
    expect_equal(
        read_checkpoint(tmp_path / "weights.safetensors", config),
        {key: tensor.float() for key, tensor in state.items()},
    )


def test_a_head_that_repeats_the_embedding_is_tied(dialect, make_config, make_state, export, tmp_path):
    config = make_config(tie_head=True)
    state = make_state(config)
    repeated = export(dialect, state | {"head.weight": state["embed.weight"]}, config)
    torch.save(repeated, tmp_path / "weights.pth")
    expect_equal(read_checkpoint(tmp_path / "weights.pth", config), state)


def test_an_untied_model_keeps_a_head_that_repeats_the_embedding(make_config, make_state, tmp_path):
    config = make_config(tie_head=False)
    state = make_state(config)
    state["head.weight"] = state["embed.weight"].clone()
    save_file(state, tmp_path / "weights.safetensors")
    expect_equal(read_checkpoint(tmp_path / "weights.safetensors", config), state)


def test_padded_rows_are_read_where_the_card_says_so(dialect, make_config, make_state, export, tmp_path):
    config = make_config(rows=128)
    state = make_state(config)
    assert state["embed.weight"].shape[0] == 128
    save_file(export(dialect, state, config), tmp_path / "weights.safetensors")
    expect_equal(read_checkpoint(tmp_path / "weights.safetensors", config), state)


def test_shards_of_a_folder_are_read_together(make_config, make_state, export, tmp_path):
    config = make_config()
    state = make_state(config)
    tensors = list(export("HF Llama", state, config).items())
    index = {}
    for number, part in enumerate((tensors[:9], tensors[9:]), start=1):
        name = f"model-{number:05}-of-00002.safetensors"
        save_file(dict(part), tmp_path / name)
        index |= {key: name for key, _ in part}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    expect_equal(read_checkpoint(tmp_path, config), state)


@pytest.mark.parametrize(
    "key", ["freqs_cis", "freqs", "rope_cache", "layers.0.attention.inner_attention.rope.freqs"]
)
def test_tables_of_positions_are_left_out(key, make_config, make_state, export, tmp_path):
    config = make_config()
    state = make_state(config)
    exported = export("Meta Llama", state, config)
    torch.save(exported | {key: exported["rope.freqs"]}, tmp_path / "weights.pth")
    expect_equal(read_checkpoint(tmp_path / "weights.pth", config), state)


@pytest.mark.parametrize(
    "changes",
    [
        {"style": "gpt2"},
        {"style": "gpt2", "tie_head": False},
        {"style": "mamba"},
        {"tokenizer": "patches", "vocabulary": 0},
        {"tokenizer": "patches", "target": "dvae"},
        {"target": "patches"},
    ],
)
def test_other_styles_read_their_own_keys(changes, make_config, make_state, tmp_path):
    if changes.get("style") == "mamba":
        pytest.importorskip("transformers")
    config = make_config(kv_heads=None, **changes)
    state = make_state(config)
    torch.save({"model": {f"module.{key}": value for key, value in state.items()}}, tmp_path / "weights.pt")
    expect_equal(read_checkpoint(tmp_path / "weights.pt", config), state)


@pytest.mark.parametrize("style", ["llama", "gpt2", "mamba"])
def test_reading_draws_no_random_numbers(style, make_config, make_state, tmp_path):
    config = make_config(kv_heads=None, style=style)
    save_file(make_state(config), tmp_path / "weights.safetensors")
    before = torch.get_rng_state()
    read_checkpoint(tmp_path / "weights.safetensors", config)
    assert torch.equal(torch.get_rng_state(), before)

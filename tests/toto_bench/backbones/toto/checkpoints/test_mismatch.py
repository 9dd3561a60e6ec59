"""Everything that does not fit is named, in the file's own words, with the way out."""

import pytest
import torch
from safetensors.torch import save_file

from toto_bench.backbones.errors import (
    InvalidWeightsError,
    MismatchedWeightsError,
    MissingWeightsError,
    UnreadableWeightsError,
)
from toto_bench.backbones.toto.checkpoints import read_checkpoint

MLP_DOWN = {
    "native": "blocks.1.mlp.down.weight",
    "HF Llama": "layers.1.mlp.down_proj.weight",
    "Meta Llama": "layers.1.feed_forward.w2.weight",
    "TinyLlama": "transformer.h.1.mlp.swiglu.w3.weight",
    "lit-gpt before 0.5.5": "transformer.h.1.mlp.proj.weight",
    "lit-gpt": "transformer.h.1.mlp.proj.weight",
}
"""One tensor of the middle block."""


@pytest.fixture
def read(tmp_path):
    """Reads a state dict through a file."""

    def through_file(content, config):
        torch.save(content, tmp_path / "weights.pth")
        return read_checkpoint(tmp_path / "weights.pth", config)

    return through_file


@pytest.fixture
def written(dialect, make_config, make_state, export):
    """A state dict in a dialect, of a configuration with changes."""

    def of(**changes):
        config = make_config(**changes)
        return export(dialect, make_state(config), config)

    return of


def find(exported, short):
    return next(key for key in exported if key.endswith(short))


def test_all_differences_stand_in_one_paragraph(dialect, written, make_config, read):
    exported = written(dim=48, depth=5, mlp_dim=56, kv_heads=4, vocabulary=90)
    with pytest.raises(MismatchedWeightsError) as caught:
        read(exported, make_config())
    message = str(caught.value)
    for part in (
        f"weights.pth (dialect `{dialect}`) does not fit the backbone",
        "`dim` is 48 in the file and 32 in the card",
        "`depth` is 5 in the file and 3 in the card",
        "`mlp_dim` is 56 in the file and 40 in the card",
        "`kv_heads` is 4 in the file and 2 in the card",
        "the embedding has 94 rows in the file and 64 in the card",
        "`vocabulary = 90` or `code_offset = 34` or `rows = 94` would fit",
        "choose the backbone that belongs to the file",
    ):
        assert part in message
    assert "\n" not in message
    assert "missing" not in message
    assert "unknown" not in message


@pytest.mark.parametrize(
    ("rows", "fits"),
    [
        (63, "`vocabulary = 59` would fit"),
        (60, "`vocabulary = 56` would fit"),
        (4, "no single field would fit"),
        (80, "`vocabulary = 76` or `code_offset = 20` or `rows = 80` would fit"),
    ],
)
def test_rows_of_the_vocabulary_say_which_field_would_fit(rows, fits, make_config, make_state, read):
    state = make_state(make_config())
    state["embed.weight"] = torch.zeros(rows, 32)
    with pytest.raises(
        MismatchedWeightsError, match=f"has {rows} rows in the file and 64 in the card.*{fits}"
    ):
        read(state, make_config())


def test_a_card_that_pads_refuses_a_file_that_does_not(make_config, make_state, read):
    with pytest.raises(MismatchedWeightsError, match=r"has 64 rows in the file and 128.*no `rows` would fit"):
        read(make_state(make_config()), make_config(rows=128))


def test_missing_and_unknown_keys_are_named(dialect, written, make_config, read):
    exported = written()
    gone = find(exported, MLP_DOWN[dialect])
    del exported[gone]
    exported |= {"strange.weight": torch.zeros(2), gone.replace("weight", "bias"): torch.zeros(2)}
    with pytest.raises(MismatchedWeightsError) as caught:
        read(exported, make_config())
    message = str(caught.value)
    assert f"missing (1): `{MLP_DOWN[dialect]}`;" in message
    assert f"unknown (2): `strange.weight`, `{MLP_DOWN[dialect].replace('weight', 'bias')}`." in message


def test_a_missing_block_is_named_in_full(dialect, written, make_config, read):
    exported = {key: value for key, value in written().items() if ".1." not in key}
    with pytest.raises(MismatchedWeightsError, match=rf"missing \(\d+\): .*`{MLP_DOWN[dialect]}`"):
        read(exported, make_config())


@pytest.mark.parametrize("shape", [(), (7,), (2, 3, 4)])
def test_tensors_of_any_rank_are_named(shape, dialect, written, make_config, read):
    for key in (exported := written()):
        with pytest.raises(
            MismatchedWeightsError, match=r"in the file and|do not fit each other|`tie_head|kv_heads"
        ):
            read(exported | {key: torch.zeros(shape)}, make_config())


def test_a_missing_part_of_a_fused_matrix_is_named_alone(make_config, make_state, export, read):
    config = make_config()
    exported = export("HF Llama", make_state(config), config)
    del exported["model.layers.2.self_attn.k_proj.weight"]
    with pytest.raises(MismatchedWeightsError, match=r"missing \(1\): `layers.2.self_attn.k_proj.weight`\."):
        read(exported, config)


def test_another_shape_is_named(dialect, written, make_config, read):
    exported = written()
    exported[find(exported, MLP_DOWN[dialect])] = torch.zeros(32, 39)
    expected = r"`blocks.1.mlp.down.weight` is \[32, 39\] in the file and \[32, 40\] in the model"
    with pytest.raises(MismatchedWeightsError, match=expected):
        read(exported, make_config())


def test_parts_that_do_not_fit_each_other_are_named(make_config, make_state, export, read):
    config = make_config()
    exported = export("HF Llama", make_state(config), config)
    exported["model.layers.0.mlp.up_proj.weight"] = torch.zeros(40, 31)
    with pytest.raises(MismatchedWeightsError, match=r"`layers.0.mlp.up_proj.weight` \[40, 31\]"):
        read(exported, config)


def test_a_head_of_its_own_needs_a_card_that_says_so(dialect, written, make_config, read):
    with pytest.raises(MismatchedWeightsError, match=r"`tie_head = false` fits"):
        read(written(tie_head=False), make_config(tie_head=True))


def test_a_head_that_is_missing_is_named(dialect, written, make_config, read):
    with pytest.raises(
        MismatchedWeightsError,
        match=r"no head besides the embedding \(`tie_head = true` fits\); missing \(1\): `[a-z_.]+weight`\. ",
    ):
        read(written(tie_head=True), make_config(tie_head=False))


def test_two_dialects_at_once_are_refused(make_config, make_state, export, read):
    config = make_config()
    state = make_state(config)
    mixed = export("HF Llama", state, config)
    mixed["tok_embeddings.weight"] = mixed.pop("model.embed_tokens.weight")
    expected = r"two dialects at once: `layers.*` is HF Llama, `tok_embeddings.weight` is Meta Llama"
    with pytest.raises(MismatchedWeightsError, match=expected):
        read(mixed, config)


@pytest.mark.parametrize(
    "keys",
    [
        ["encoder.patch_embed.weight", "encoder.layer.0.query.weight", "decoder.weight"],
        ["norm.weight"],
        ["_flat_param", "blocks.0._flat_param"],
    ],
)
def test_keys_of_no_dialect_are_shown(keys, make_config, read):
    with pytest.raises(
        MismatchedWeightsError, match=f"no known dialect .*lit-gpt.*, for example `{keys[0]}`"
    ):
        read({key: torch.zeros(3) for key in keys}, make_config())


def test_a_dialect_of_another_style_is_refused(make_config, make_state, export, read):
    llama = make_config()
    exported = export("HF Llama", make_state(llama), llama)
    with pytest.raises(MismatchedWeightsError, match=r"`style` llama, and the card's is gpt2"):
        read(exported, make_config(style="gpt2", kv_heads=None))


def test_mamba_is_refused_where_a_llama_is_expected(make_config, make_state, read):
    mamba = make_config(style="mamba", kv_heads=None)
    names = {"embed.weight": "embeddings.weight", "norm.weight": "norm_f.weight"}
    exported = {
        f"backbone.{names.get(key, key.replace('blocks', 'layers'))}": value
        for key, value in make_state(mamba).items()
    }
    read(dict(exported), mamba)
    with pytest.raises(MismatchedWeightsError, match=r"HF Mamba.*`style` mamba, and the card's is llama"):
        read(exported, make_config())


def test_two_models_in_one_file_are_refused(make_config, make_state, read):
    state = make_state(make_config())
    with pytest.raises(MismatchedWeightsError, match=r"other tensors, under \(1\): `ema`"):
        read({"model": state, "ema": dict(state)}, make_config())
    twice = {f"{prefix}.{key}": value for prefix in ("model", "module") for key, value in state.items()}
    with pytest.raises(MismatchedWeightsError, match=r"`model.embed.weight` and `module.embed.weight`"):
        read(twice, make_config())


def test_what_is_no_tensor_is_named(make_config, make_state, read):
    with pytest.raises(MismatchedWeightsError, match=r"tensors alone, but this one holds `step`"):
        read(make_state(make_config()) | {"step": 3}, make_config())


def test_quantised_weights_are_refused(make_config, make_state, read):
    state = make_state(make_config())
    state["norm.weight"] = state["norm.weight"].to(torch.int8)
    with pytest.raises(MismatchedWeightsError, match=r"`norm.weight` \(torch.int8\): quantised"):
        read(state, make_config())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_not_finite_are_refused(value, dialect, written, make_config, read):
    exported = written()
    exported[find(exported, MLP_DOWN[dialect])][3, 5] = value
    with pytest.raises(InvalidWeightsError, match=r"`blocks\.1\.mlp\.down\.weight`: training diverged"):
        read(exported, make_config())


def test_frequencies_tell_another_base_and_other_heads(make_config, make_state, export, read):
    config = make_config(rope_base=50000.0)
    exported = export("Meta Llama", make_state(config), config)
    exported["rope.freqs"] = exported["rope.freqs"].bfloat16()
    read(dict(exported), config)
    with pytest.raises(
        MismatchedWeightsError, match=r"`rope_base` is about [45].*e\+04 in the file and 10000"
    ):
        read(exported, make_config())
    exported["rope.freqs"] = torch.ones(8)
    with pytest.raises(MismatchedWeightsError, match=r"heads have 16 channels in the file and 8 in the card"):
        read(exported, config)


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_a_file_cut_short_is_refused(suffix, make_config, make_state, tmp_path):
    path = tmp_path / f"weights.{suffix}"
    (save_file if suffix == "safetensors" else torch.save)(make_state(make_config()), path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnreadableWeightsError, match=r"damaged or cut short.*Get the file again"):
        read_checkpoint(path, make_config())


@pytest.mark.parametrize("lead", ["back", "on and on"])
def test_lists_that_lead_back_or_on_and_on_do_not_hang(lead, make_config, make_state, tmp_path):
    """Beside the model, in a file of a few kilobytes."""
    config = make_config()
    other = []
    if lead == "back":
        other.append(other)
    for _ in range(40 if lead != "back" else 0):
        other = [other, other]
    torch.save({"model": make_state(config), "other": other}, tmp_path / "a.pt")
    assert "norm.weight" in read_checkpoint(tmp_path / "a.pt", config)


def test_a_pickled_model_is_refused(make_config, tmp_path):
    torch.save({"model": torch.nn.Linear(2, 2)}, tmp_path / "weights.pt")
    with pytest.raises(UnreadableWeightsError, match=r"holds Python objects.*reading those can run code"):
        read_checkpoint(tmp_path / "weights.pt", make_config())


def test_a_folder_without_weights_says_what_it_has(make_config, tmp_path):
    with pytest.raises(MissingWeightsError, match=r"has no weights"):
        read_checkpoint(tmp_path, make_config())
    (tmp_path / "consolidated.00.pth").touch()
    with pytest.raises(MissingWeightsError, match=r"pass the file itself: consolidated\.00\.pth"):
        read_checkpoint(tmp_path, make_config())
    (tmp_path / "__0_0.distcp").touch()
    with pytest.raises(MissingWeightsError, match=r"format_utils dcp_to_torch"):
        read_checkpoint(tmp_path, make_config())


def test_a_missing_shard_is_named(make_config, tmp_path):
    (tmp_path / "model.safetensors.index.json").write_text('{"weight_map": {"norm.weight": "a.safetensors"}}')
    with pytest.raises(UnreadableWeightsError, match=r"a\.safetensors: cannot be read"):
        read_checkpoint(tmp_path, make_config())

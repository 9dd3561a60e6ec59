"""Folders of weights: official layouts load back, and everything wrong is named."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from toto_bench.backbones.errors import (
    InvalidWeightsError,
    MismatchedWeightsError,
    MissingWeightsError,
    UnreadableWeightsError,
)
from toto_bench.backbones.hf.families import FAMILIES
from toto_bench.backbones.weights import state_hash

OFFICIAL = {
    "VideoMAEModel": "videomae",
    "BeitModel": "beit",
    "ImageGPTModel": "transformer",
    "VJEPA2Model": None,
    "Dinov2Model": "dinov2",
    "ViTModel": "vit",
}
"""Where the encoder is in the model that official files were written from."""


def _edit(folder, change):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata={"format": "pt"})


def _edit_config(folder, **values):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize("model", OFFICIAL)
def test_official_folders_load_back(model, tiny, write_official, tmp_path):
    written = write_official(tmp_path, model)
    encoder = getattr(written, OFFICIAL[model]) if OFFICIAL[model] else written
    expected = {**encoder.state_dict()}
    if model == "BeitModel":  # the pre-training head's norm is the final one
        expected |= {f"layernorm.{key}": tensor for key, tensor in written.layernorm.state_dict().items()}
    backbone = tiny(model, seed=3)
    backbone.load_checkpoint(tmp_path)
    found = backbone.checkpointed().state_dict()
    assert found
    assert all(torch.equal(tensor, expected[key]) for key, tensor in found.items())


def test_beits_final_norm_is_what_its_pre_training_head_reads(tiny, write_official, tmp_path):
    written = write_official(tmp_path, "BeitModel")
    backbone = tiny("BeitModel")
    backbone.load_checkpoint(tmp_path)
    inputs = torch.rand(1, 1, 3, 32, 32)
    with torch.no_grad():
        expected = written.layernorm(written.beit(inputs[0]).last_hidden_state)
        found = backbone.forward_layers(inputs, [2])[0]
    torch.testing.assert_close(found.patches.flatten(2, 3)[0], expected[:, 1:])
    torch.testing.assert_close(found.prefix[0], expected[:, :1])


def test_videomae_has_the_features_of_the_model_that_was_saved(tiny, write_official, tmp_path):
    written = write_official(tmp_path, "VideoMAEModel")
    assert any(key.endswith("q_bias") for key in load_file(tmp_path / "model.safetensors"))
    backbone = tiny("VideoMAEModel")
    backbone.load_checkpoint(tmp_path)
    inputs = torch.rand(1, 4, 3, 32, 32)
    with torch.no_grad():
        expected = written.videomae(inputs).last_hidden_state
        found = backbone.forward_layers(inputs, [2])[0].patches
    torch.testing.assert_close(found.flatten(1, 3), expected)


@pytest.mark.parametrize("model", sorted(FAMILIES.keys() - {"ImageGPTModel"}))
def test_what_a_class_writes_by_default_loads_back(model, tiny, write_default, tmp_path):
    """With the pooling that some have by default, and which no token passes."""
    expected = write_default(tmp_path, model).state_dict()
    backbone = tiny(model, seed=3)
    backbone.load_checkpoint(tmp_path)
    found = backbone.checkpointed().state_dict()
    assert found
    assert all(torch.equal(tensor, expected[key]) for key, tensor in found.items())


@pytest.mark.parametrize("model", ["ViTModel", "DeiTModel"])
def test_of_a_class_that_pools_only_the_pooling_may_be_too_much(model, tiny, write_default, tmp_path):
    write_default(tmp_path, model)
    assert "pooler.dense.bias" in load_file(tmp_path / "model.safetensors")
    _edit(tmp_path, lambda tensors: tensors.update(gate=torch.ones(3)))
    with pytest.raises(MismatchedWeightsError, match=r"unexpected \(1\): `gate`"):
        tiny(model).load_checkpoint(tmp_path)


def test_beits_norm_behind_the_pooling_is_not_dropped(tiny, write_default, tmp_path):
    """It is the final norm of a BEiT that was tuned."""
    written = write_default(tmp_path, "BeitModel", use_mean_pooling=True)
    pooled = tiny("BeitModel", use_mean_pooling=True)
    pooled.load_checkpoint(tmp_path)
    assert torch.equal(pooled.model.pooler.layernorm.weight, written.pooler.layernorm.weight)
    with pytest.raises(MismatchedWeightsError, match=r"`pooler\.layernorm\.bias`"):
        tiny("BeitModel").load_checkpoint(tmp_path)


def test_v_jepas_predictor_is_neither_built_nor_needed(tiny, write_official, tmp_path):
    write_official(tmp_path, "VJEPA2Model")
    _edit(
        tmp_path, lambda tensors: [tensors.pop(key) for key in list(tensors) if key.startswith("predictor.")]
    )
    backbone = tiny("VJEPA2Model")
    assert not any("predictor" in key for key in backbone.checkpointed().state_dict())
    backbone.load_checkpoint(tmp_path)


def test_constants_of_old_files_are_left_out(tiny, write_official, tmp_path):
    write_official(tmp_path, "ImageGPTModel")
    mask = torch.ones(1, 1, 64, 64, dtype=torch.uint8).tril()
    old = {"transformer.h.0.attn.bias": mask, "transformer.h.0.attn.masked_bias": torch.tensor(-1e4)}
    _edit(tmp_path, lambda tensors: tensors.update(old))
    tiny("ImageGPTModel").load_checkpoint(tmp_path)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_one_file_loads_too(name, tiny, write_official, tmp_path):
    write_official(tmp_path, "ViTModel")
    tensors = load_file(tmp_path / "model.safetensors")
    path = tmp_path / "alone" / name
    path.parent.mkdir()
    if name.endswith("bin"):
        torch.save(tensors, path)
    else:
        save_file(tensors, path)
    one, other = tiny("ViTModel"), tiny("ViTModel", seed=1)
    one.load_checkpoint(path)
    other.load_checkpoint(tmp_path)
    assert state_hash(one.checkpointed()) == state_hash(other.checkpointed())


def test_a_folder_in_several_files_loads(tiny, write_official, tmp_path):
    written = write_official(tmp_path, "ViTModel")
    whole, pieces = tiny("ViTModel"), tiny("ViTModel", seed=1)
    whole.load_checkpoint(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    written.save_pretrained(tmp_path, max_shard_size="50KB")
    assert (tmp_path / "model.safetensors.index.json").is_file()
    pieces.load_checkpoint(tmp_path)
    assert state_hash(whole.checkpointed()) == state_hash(pieces.checkpointed())


def test_half_precision_is_read_as_float32(tiny, write_official, tmp_path):
    write_official(tmp_path, "ViTModel")
    _edit(tmp_path, lambda tensors: tensors.update({key: t.half() for key, t in tensors.items()}))
    backbone = tiny("ViTModel")
    backbone.load_checkpoint(tmp_path)
    assert {parameter.dtype for parameter in backbone.parameters()} == {torch.float32}


def test_missing_surplus_and_misshapen_tensors_are_all_named(tiny, write_official, tmp_path):
    write_official(tmp_path, "VideoMAEModel")

    def spoil(tensors):
        del tensors["videomae.encoder.layer.1.output.dense.bias"]
        tensors["videomae.encoder.layer.9.gate"] = torch.ones(3)
        tensors["videomae.layernorm.weight"] = torch.ones(5)

    _edit(tmp_path, spoil)
    backbone = tiny("VideoMAEModel")
    before = state_hash(backbone.checkpointed())
    with pytest.raises(MismatchedWeightsError) as caught:
        backbone.load_checkpoint(tmp_path)
    message = str(caught.value)
    assert "missing (1): `encoder.layer.1.output.dense.bias`" in message
    assert "unexpected (1): `videomae.encoder.layer.9.gate`" in message
    assert "of another shape (1): `layernorm.weight` is [5] in the file and [48] in the model" in message
    assert state_hash(backbone.checkpointed()) == before


def test_a_surplus_tensor_of_a_file_without_head_is_named(tiny, write_official, tmp_path):
    write_official(tmp_path, "VJEPA2Model")
    _edit(tmp_path, lambda tensors: tensors.update(gate=torch.ones(3)))
    with pytest.raises(MismatchedWeightsError, match=r"unexpected \(1\): `gate`"):
        tiny("VJEPA2Model").load_checkpoint(tmp_path)


def test_nan_is_named(tiny, write_official, tmp_path):
    write_official(tmp_path, "ViTModel")
    _edit(tmp_path, lambda tensors: tensors["vit.layernorm.bias"].fill_(torch.nan))
    with pytest.raises(InvalidWeightsError, match=r"in tensors \(1\): `layernorm.bias`"):
        tiny("ViTModel").load_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"hidden_size": 96}, "`hidden_size` is 96 there and 48 here"),
        ({"num_hidden_layers": 3}, "`num_hidden_layers` is 3 there and 2 here"),
        ({"patch_size": 8}, "`patch_size` is 8 there and 16 here"),
        ({"num_frames": 8}, "`num_frames` is 8 there and 4 here"),
        ({"num_attention_heads": 2}, "`num_attention_heads` is 2 there and 4 here"),
        ({"image_size": [32, 64]}, r"`image_size` is \[32, 64\] there and 32 here"),
        ({"hidden_act": "relu"}, "`hidden_act` is relu there and gelu here"),
        ({"model_type": "vit"}, "of the type `vit`, but `videomae` is expected"),
        ({"num_frames": "many"}, "transformers refuses this configuration"),
    ],
)
def test_a_folder_that_disagrees_with_the_card_is_refused(values, message, tiny, write_official, tmp_path):
    write_official(tmp_path, "VideoMAEModel")
    _edit_config(tmp_path, **values)
    with pytest.raises(MismatchedWeightsError, match=message):
        tiny("VideoMAEModel").load_checkpoint(tmp_path)


def test_weights_fit_at_another_size(tiny, write_official, tmp_path):
    write_official(tmp_path, "VideoMAEModel")
    backbone = tiny("VideoMAEModel", image_size=(64, 32))
    backbone.load_checkpoint(tmp_path)
    tokens = backbone.forward_layers(torch.rand(1, 4, 3, 64, 32), [2])[0]
    assert tokens.patches.shape == (1, 2, 4, 2, 48)


def test_loading_leaves_the_random_state_alone(tiny, write_official, tmp_path):
    write_official(tmp_path, "ViTModel")
    backbone = tiny("ViTModel")
    before = torch.get_rng_state()
    backbone.load_checkpoint(tmp_path)
    assert torch.equal(before, torch.get_rng_state())


def test_damaged_and_absent_files_are_one_paragraph(tiny, write_official, tmp_path):
    backbone = tiny("ViTModel")
    with pytest.raises(UnreadableWeightsError, match=r"config\.json: cannot be read"):
        backbone.load_checkpoint(tmp_path)
    write_official(tmp_path, "ViTModel")
    path = tmp_path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UnreadableWeightsError, match="damaged or cut short"):
        backbone.load_checkpoint(tmp_path)
    path.unlink()
    with pytest.raises(MissingWeightsError, match=r"model\.safetensors or pytorch_model\.bin is expected"):
        backbone.load_checkpoint(tmp_path)


def test_code_in_a_folder_is_not_run(tiny, write_official, tmp_path):
    write_official(tmp_path, "ViTModel")
    (tmp_path / "evil.py").write_text("raise SystemExit('ran')\n")
    _edit_config(tmp_path, auto_map={"AutoModel": "evil.Evil", "AutoConfig": "evil.Config"})
    tiny("ViTModel").load_checkpoint(tmp_path)


def test_a_pickle_with_code_is_refused(tiny, write_official, tmp_path):
    write_official(tmp_path, "ViTModel")
    (tmp_path / "model.safetensors").unlink()
    torch.save(tiny("ViTModel"), tmp_path / "pytorch_model.bin")
    with pytest.raises(UnreadableWeightsError, match="can run code"):
        tiny("ViTModel").load_checkpoint(tmp_path)

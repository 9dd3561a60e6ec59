"""Settings beside weights are held against the card."""

import json

import pytest
from safetensors.torch import save_file

from toto_bench.backbones.errors import MismatchedWeightsError, UnreadableWeightsError
from toto_bench.backbones.toto.checkpoints import read_checkpoint, write_checkpoint

SETTINGS = {
    "model_type": "llama",
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-5,
    "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
}
OLDER = {key: value for key, value in SETTINGS.items() if key != "rope_parameters"} | {"rope_theta": 10000}


@pytest.fixture
def folder(make_config, make_state, export, tmp_path):
    """A folder as transformers writes it, with a config.json of one's own."""
    config = make_config()
    save_file(export("HF Llama", make_state(config), config), tmp_path / "model.safetensors")

    def with_settings(settings):
        (tmp_path / "config.json").write_text(json.dumps(settings))
        return tmp_path

    return with_settings


@pytest.mark.parametrize("settings", [SETTINGS, OLDER])
def test_settings_that_agree_are_read(settings, folder, make_config):
    assert "norm.weight" in read_checkpoint(folder(settings), make_config())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"rope_parameters": {"rope_theta": 50000.0}},
            "`rope_theta` is 50000.0 there and 10000.0 in the card",
        ),
        ({"rope_parameters": {"rope_theta": 10000.0, "rope_type": "llama3"}}, "`rope_type` is llama3 there"),
        ({"rope_scaling": {"type": "linear"}, "rope_parameters": None}, "`rope_type` is linear there"),
        ({"rms_norm_eps": 1e-6}, "`rms_norm_eps` is 1e-06 there and 1e-05 in the card"),
        ({"num_attention_heads": 8}, "`num_attention_heads` is 8 there and 4 in the card"),
        ({"num_key_value_heads": None}, "`num_key_value_heads` is 4 there and 2 in the card"),
        ({"hidden_act": "gelu"}, "`hidden_act` is gelu there"),
        ({"model_type": "gpt_neox"}, "`model_type` is gpt_neox there, and llama is expected"),
    ],
)
def test_settings_that_disagree_are_named(changes, fault, folder, make_config):
    with pytest.raises(MismatchedWeightsError, match=fault):
        read_checkpoint(folder(SETTINGS | changes), make_config())


def test_what_a_config_leaves_out_is_the_default(folder, make_config):
    with pytest.raises(
        MismatchedWeightsError, match=r"`num_attention_heads` is 32 there.*`rms_norm_eps` is 1e-06"
    ):
        read_checkpoint(folder({"model_type": "llama"}), make_config())


def test_settings_beside_a_file_count_if_they_are_of_a_language_model(folder, make_config):
    file = folder({"model_type": "vit"}) / "model.safetensors"
    assert "norm.weight" in read_checkpoint(file, make_config())
    folder(SETTINGS | {"num_attention_heads": 8})
    with pytest.raises(MismatchedWeightsError, match=r"`num_attention_heads` is 8"):
        read_checkpoint(file, make_config())


def test_our_own_settings_are_compared_value_by_value(make_config, make_state, tmp_path):
    config = make_config()
    write_checkpoint(tmp_path, config, make_state(config))
    for path in (tmp_path, tmp_path / "model.safetensors"):
        with pytest.raises(MismatchedWeightsError) as caught:
            read_checkpoint(path, make_config(rope_base=50000.0, heads=8))
        assert "`heads` is 4 there and 8 in the card; " in str(caught.value)
        assert "`rope_base` is 10000.0 there and 50000.0 in the card. " in str(caught.value)
        assert "--backbone run:FOLDER" in str(caught.value)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"kv_heads": None}, {"kv_heads": 4}),
        ({"target": None}, {"target": "dvae"}),
        ({"frames": 2}, {"frames": 16}),
        ({"rows": None}, {"rows": 64}),
    ],
)
def test_settings_that_are_equal_in_other_words_fit(theirs, ours, make_config, make_state, tmp_path):
    """In both directions; frames are how it was trained, and any number is read."""
    for number, (one, other) in enumerate([(theirs, ours), (ours, theirs)]):
        folder = tmp_path / str(number)
        config = make_config(**one)
        write_checkpoint(folder, config, make_state(config))
        assert "norm.weight" in read_checkpoint(folder, make_config(**other))


def test_settings_that_differ_in_what_a_none_means_do_not_fit(make_config, make_state, tmp_path):
    config = make_config(kv_heads=None, target=None)
    write_checkpoint(tmp_path, config, make_state(config))
    with pytest.raises(MismatchedWeightsError) as caught:
        read_checkpoint(tmp_path, make_config(kv_heads=2, target="nano"))
    assert "`kv_heads` is 4 there and 2 in the card" in str(caught.value)
    assert "`target` is dvae there and nano in the card" in str(caught.value)


@pytest.mark.parametrize("content", ["{", "[]", '{"dim": "wide"}', '{"no_such_field": 1}'])
def test_damaged_settings_are_named(content, make_config, make_state, tmp_path):
    config = make_config()
    write_checkpoint(tmp_path, config, make_state(config))
    (tmp_path / "toto.json").write_text(content)
    with pytest.raises(UnreadableWeightsError, match=r"toto\.json.*Get the file again"):
        read_checkpoint(tmp_path, config)

"""Configurations: what two have to agree on, and what identifies a model."""

import pytest
import transformers

from toto_bench.backbones.hf.configuration import differences, identifying, read_configuration, sides
from toto_bench.cards import find_backbone


def test_equal_values_in_another_form_are_no_difference():
    ours = transformers.VJEPA2Config(**find_backbone("vjepa2-g16").architecture.arguments)
    theirs = transformers.VJEPA2Config(
        hidden_size=1408, num_hidden_layers=40, num_attention_heads=22, mlp_ratio=48 / 11
    )
    assert differences(ours, theirs) == []
    one = transformers.ViTConfig(image_size=224, patch_size=16)
    other = transformers.ViTConfig(image_size=[224, 224], patch_size=(16, 16))
    assert differences(one, other) == []


def test_values_that_only_training_has_are_no_difference():
    one = transformers.ViTConfig()
    other = transformers.ViTConfig(hidden_dropout_prob=0.5, initializer_range=0.5)
    assert differences(one, other) == []
    assert identifying(one) == identifying(other)


def test_a_difference_has_both_values():
    one, other = transformers.ImageGPTConfig(n_embd=64), transformers.ImageGPTConfig(n_layer=3)
    assert differences(one, other) == [
        "`hidden_size` is 512 there and 64 here",
        "`num_hidden_layers` is 3 there and 24 here",
    ]


def test_names_of_older_versions_are_understood():
    config = read_configuration(transformers.VideoMAEConfig, {"qkv_bias": False})
    assert identifying(config)["qv_bias"] is False


def test_what_transformers_refuses_is_a_value_error():
    with pytest.raises(ValueError, match="num_frames"):
        read_configuration(transformers.VideoMAEConfig, {"num_frames": "many"})


@pytest.mark.parametrize(("value", "expected"), [(16, (16, 16)), ([16, 8], (16, 8)), ((4, 4), (4, 4))])
def test_sides_are_height_and_width(value, expected):
    assert sides(value) == expected

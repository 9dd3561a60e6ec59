"""transformers models behind the interface: layers, norms, prefixes, sizes, clips, gradients."""

import copy

import pytest
import torch

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.hf.families import FAMILIES

PREFIXES = {
    "BeitModel": ("cls",),
    "Dinov2Model": ("cls",),
    "Dinov2WithRegistersModel": ("cls", "reg", "reg", "reg", "reg"),
    "ViTModel": ("cls",),
    "DeiTModel": ("cls", "dist"),
    "ViTMSNModel": ("cls",),
}


def _theirs(backbone, inputs):
    """The library's own outputs."""
    options = {"skip_predictor": True} if backbone.info.name == "hf:VJEPA2Model" else {}
    if backbone.family.video:
        images = inputs
    elif inputs.ndim == 4:
        images = inputs.flatten(2).flatten(0, 1)
    else:
        images = inputs.flatten(0, 1)
    return backbone.model(images, output_hidden_states=True, **options, **backbone.family.options)


def _as_sequence(tokens, like):
    """Prefix and patches in the order in which the library has them."""
    patches = tokens.patches.flatten(2, 3)
    if tokens.prefix is not None:
        patches = torch.cat([tokens.prefix, patches], dim=2)
    return patches.reshape(like.shape)


@pytest.mark.parametrize("model", FAMILIES)
def test_layers_are_the_librarys_hidden_states(model, tiny, clip):
    backbone = tiny(model)
    inputs = backbone.prepare(clip(backbone))
    with torch.no_grad():
        theirs = _theirs(backbone, inputs)
        found = backbone.forward_layers(inputs, [1, 0], norm="none")
        last = backbone.forward_layers(inputs, [2])[0]
    for tokens, expected in zip(found, (theirs.hidden_states[1], theirs.hidden_states[0]), strict=True):
        torch.testing.assert_close(_as_sequence(tokens, expected), expected)
    torch.testing.assert_close(_as_sequence(last, theirs.last_hidden_state), theirs.last_hidden_state)


@pytest.mark.parametrize("model", [model for model in FAMILIES if model != "ImageGPTModel"])
def test_the_last_block_without_norm_is_the_librarys_last_hidden_state_before_it(model, tiny, clip):
    backbone = tiny(model)
    inputs = backbone.prepare(clip(backbone))
    with torch.no_grad():
        expected = _theirs(backbone, inputs).hidden_states[2]
        raw = backbone.forward_layers(inputs, [2], norm="none")[0]
    torch.testing.assert_close(_as_sequence(raw, expected), expected)


@pytest.mark.parametrize("model", FAMILIES)
def test_norm_rules(model, tiny, clip):
    backbone = tiny(model)
    inputs = backbone.prepare(clip(backbone))
    with torch.no_grad():
        raw, normed, last = (
            backbone.forward_layers(inputs, [1, 2], norm=rule) for rule in ("none", "all", "last")
        )
    assert not torch.allclose(raw[0].patches, normed[0].patches)
    assert not torch.allclose(raw[1].patches, normed[1].patches)
    assert torch.equal(last[0].patches, raw[0].patches)
    assert torch.equal(last[1].patches, normed[1].patches)


@pytest.mark.parametrize("model", FAMILIES)
def test_shapes_are_those_of_the_description(model, tiny, clip):
    backbone = tiny(model)
    info = backbone.info
    video = clip(backbone)
    for tokens in backbone.forward_layers(backbone.prepare(video), [0, 1, 2]):
        frames = 4 // info.layer(1).tubelet
        side = video.shape[-1] // info.layer(1).stride
        assert tokens.patches.shape == (2, frames, side, side, 48)
        assert info.prefix == PREFIXES.get(model, ())
        if info.prefix:
            assert tokens.prefix.shape == (2, frames, len(info.prefix), 48)
        else:
            assert tokens.prefix is None
    assert info.layer(1).tubelet == (2 if backbone.family.video else 1)
    assert info.depth == info.default_layer == 2


@pytest.mark.parametrize("model", [model for model, family in FAMILIES.items() if not family.video])
def test_image_models_read_frames_one_by_one(model, tiny, clip):
    backbone = tiny(model)
    video = clip(backbone)
    together = backbone.forward_layers(backbone.prepare(video), [2])[0].patches
    apart = backbone.forward_layers(backbone.prepare(video[:, 2:3]), [2])[0].patches
    torch.testing.assert_close(together[:, 2:3], apart)


@pytest.mark.parametrize("model", [model for model, family in FAMILIES.items() if family.video])
def test_frames_of_a_clip_see_each_other_and_clips_do_not(model, tiny, clip):
    backbone = tiny(model)
    video = clip(backbone)
    other = video.clone()
    other[0, 3] = 0.5
    one, two = (backbone.forward_layers(backbone.prepare(each), [2])[0].patches for each in (video, other))
    assert not torch.allclose(one[0, 0], two[0, 0])
    torch.testing.assert_close(one[1], two[1])


@pytest.mark.parametrize("model", FAMILIES)
def test_order_and_repetition_follow_the_request(model, tiny, clip):
    backbone = tiny(model)
    inputs = backbone.prepare(clip(backbone))
    one, two = backbone.forward_layers(inputs, [1, 2])
    for found, expected in zip(backbone.forward_layers(inputs, [2, 1, 2]), [two, one, two], strict=True):
        assert torch.equal(found.patches, expected.patches)
    assert backbone.forward_layers(inputs, []) == []


@pytest.mark.parametrize("model", FAMILIES)
def test_gradients_reach_the_embeddings(model, tiny, clip):
    backbone = tiny(model)
    backbone.forward_layers(backbone.prepare(clip(backbone)), [2])[0].patches.square().sum().backward()
    touched = {backbone.layer_of(name) for name, p in backbone.named_parameters() if p.grad is not None}
    assert touched == {0, 1, 2}


@pytest.mark.parametrize("model", FAMILIES)
def test_every_parameter_has_a_layer(model, tiny):
    backbone = tiny(model)
    layers = {name: backbone.layer_of(name) for name, _ in backbone.named_parameters()}
    assert set(layers.values()) == {0, 1, 2}
    with pytest.raises(UnsupportedInputError, match="no parameter `nonsense`"):
        backbone.layer_of("nonsense")


def test_layers_of_parameters_by_name(tiny):
    backbone = tiny("VideoMAEModel")
    assert backbone.layer_of("model.embeddings.patch_embeddings.projection.weight") == 0
    assert backbone.layer_of("model.encoder.layer.0.output.dense.bias") == 1
    assert backbone.layer_of("model.layernorm.weight") == 2


@pytest.mark.parametrize("layer", [-1, 3])
def test_layers_that_do_not_exist_are_refused(layer, tiny, clip):
    backbone = tiny("ViTModel")
    with pytest.raises(UnsupportedInputError, match="layers 1 to 2"):
        backbone.forward_layers(backbone.prepare(clip(backbone)), [layer])


def test_a_clip_of_another_length_is_refused_before_any_work(tiny):
    backbone = tiny("VideoMAEModel")
    backbone.model.forward = None
    with pytest.raises(UnsupportedInputError, match="clips of 4 frames, not of 6"):
        backbone.forward_layers(torch.zeros(1, 6, 3, 32, 32), [1])


def test_v_jepa_reads_any_multiple_of_its_tubelet(tiny):
    backbone = tiny("VJEPA2Model")
    assert backbone.info.frames is None
    video = torch.rand(1, 6, 3, 32, 32)
    assert backbone.forward_layers(video, [2])[0].patches.shape == (1, 3, 2, 2, 48)
    for frames in (1, 5):
        with pytest.raises(UnsupportedInputError, match=f"2 frames at a time, and {frames} is no multiple"):
            backbone.forward_layers(video[:, :frames], [2])


def test_sizes_that_patches_do_not_fill_are_refused(tiny):
    with pytest.raises(UnsupportedInputError, match="patches of 16 pixels, which do not fill 40x32"):
        tiny("Dinov2Model").prepare(torch.zeros(1, 1, 3, 40, 32))


@pytest.mark.parametrize("model", ["BeitModel", "IJepaModel", "Dinov2Model", "ViTModel", "DeiTModel"])
def test_models_that_interpolate_read_other_sizes(model, tiny):
    backbone = tiny(model)
    assert backbone.info.image_size is None
    tokens = backbone.forward_layers(torch.rand(1, 2, 3, 48, 64), [2])[0]
    assert tokens.patches.shape == (1, 2, 3, 4, 48)


def test_a_model_tuned_with_mean_pooling_keeps_its_norm_behind_the_pooling(tiny, clip):
    backbone = tiny("BeitModel", use_mean_pooling=True)
    with torch.no_grad():
        backbone.model.pooler.layernorm.bias.fill_(3.0)
    inputs = backbone.prepare(clip(backbone))
    raw, normed = (backbone.forward_layers(inputs, [2], norm=rule)[0].patches for rule in ("none", "last"))
    torch.testing.assert_close(normed, backbone.model.pooler.layernorm(raw))


def test_a_model_without_a_final_norm_gives_the_same_under_every_rule(tiny, clip):
    backbone = tiny("VideoMAEModel", use_mean_pooling=True)
    inputs = backbone.prepare(clip(backbone))
    raw, last = (backbone.forward_layers(inputs, [2], norm=rule)[0].patches for rule in ("none", "last"))
    assert torch.equal(raw, last)


def test_pixels_are_normalised(tiny, clip):
    backbone = tiny("BeitModel")
    video = clip(backbone)
    torch.testing.assert_close(backbone.prepare(video), video * 2 - 1)
    assert backbone.info.preprocessing == "normalise:float32;mean=0.5,0.5,0.5;std=0.5,0.5,0.5"


def test_a_copy_is_a_model_of_its_own(tiny, clip):
    backbone = tiny("ViTModel")
    twin = copy.deepcopy(backbone)
    twin.forward_layers(twin.prepare(clip(twin)), [2])[0].patches.sum().backward()
    assert all(parameter.grad is None for parameter in backbone.parameters())

"""timm models behind the interface: layers, norms, sizes, gradients."""

import copy
import math
from dataclasses import replace

import pytest
import timm
import torch
from torch import nn
from torch.nn import functional as F

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.load import build_backbone, load_backbone
from toto_bench.backbones.timm.names import timm_card
from toto_bench.cards import CardError, UnknownNameError


def _timm(model, *, image_size=None, **arguments):
    card = timm_card(model)
    layers = arguments.get("depth", card.architecture.layers)
    architecture = card.architecture.model_copy(update={"arguments": arguments, "layers": layers})
    return build_backbone(card.model_copy(update={"architecture": architecture}), image_size=image_size)


def _calls(blocks: nn.ModuleList) -> list[int]:
    called: list[int] = []
    for number, block in enumerate(blocks, start=1):
        block.register_forward_hook(lambda *_, number=number: called.append(number))
    return called


def test_norm_rules_are_timms_own_outputs(small, video):
    inputs = small.prepare(video)
    flat = inputs.flatten(0, 1)
    raw = small.model.forward_intermediates(
        flat, norm=False, return_prefix_tokens=True, intermediates_only=True
    )
    normed = small.model.forward_intermediates(
        flat, norm=True, return_prefix_tokens=True, intermediates_only=True
    )
    expected = {"none": raw, "all": normed, "last": [raw[0], normed[1]]}
    for rule, layers in expected.items():
        for tokens, (image, prefix) in zip(
            small.forward_layers(inputs, [1, 2], norm=rule), layers, strict=True
        ):
            torch.testing.assert_close(tokens.patches[0], image.permute(0, 2, 3, 1))
            torch.testing.assert_close(tokens.prefix[0], prefix)
    last = small.forward_layers(inputs, [2])[0]
    torch.testing.assert_close(last.prefix[0], small.model.forward_features(flat)[:, :1])


def test_layer_0_is_what_enters_block_1(small, video):
    inputs = small.prepare(video)
    model = small.model
    tokens = model.norm_pre(model._pos_embed(model.patch_embed(inputs.flatten(0, 1))))
    alone, beside = small.forward_layers(inputs, [0])[0], small.forward_layers(inputs, [2, 0])[1]
    for found in (alone, beside):
        torch.testing.assert_close(found.prefix[0], tokens[:, :1])
        torch.testing.assert_close(found.patches[0].flatten(1, 2), tokens[:, 1:])
    assert not model.blocks[0]._forward_pre_hooks


@pytest.mark.parametrize(("layers", "run"), [([2], [1, 2]), ([1, 0], [1]), ([0], []), ([], [])])
def test_blocks_after_the_deepest_layer_do_not_run(small, video, layers, run):
    called = _calls(small.model.blocks)
    small.forward_layers(small.prepare(video), layers)
    assert called == run


def test_order_and_repetition_follow_the_request(small, video):
    inputs = small.prepare(video)
    one, two = small.forward_layers(inputs, [1, 2])
    for found, expected in zip(small.forward_layers(inputs, [2, 1, 2]), [two, one, two], strict=True):
        assert torch.equal(found.patches, expected.patches)


def test_frames_are_read_one_by_one(small, video):
    together = small.forward_layers(small.prepare(video), [2])[0].patches
    apart = small.forward_layers(small.prepare(video.transpose(0, 1)), [2])[0].patches
    torch.testing.assert_close(together, apart.transpose(0, 1))


def test_registers_follow_the_class_token():
    backbone = _timm("vit_small_patch14_reg4_dinov2", depth=1)
    tokens = backbone.forward_layers(torch.rand(1, 1, 3, 28, 30), [1])[0]
    assert backbone.info.prefix == ("cls", "reg", "reg", "reg", "reg")
    assert tokens.prefix.shape == (1, 1, 5, 384)
    assert tokens.patches.shape == (1, 1, 2, 3, 384)


def test_fc_norm_is_the_final_norm_where_timm_pools_first():
    backbone = _timm("beit_base_patch16_224", depth=1, image_size=(32, 48))
    with torch.no_grad():
        backbone.model.fc_norm.bias.fill_(3.0)
    inputs = torch.rand(1, 1, 3, 32, 48)
    raw, normed = (backbone.forward_layers(inputs, [1], norm=rule)[0].patches for rule in ("none", "last"))
    torch.testing.assert_close(normed, backbone.model.fc_norm(raw))
    assert backbone.info.image_size == (32, 48)
    with pytest.raises(UnsupportedInputError, match="built for frames of 32x48 pixels, not 48x32"):
        backbone.prepare(torch.rand(1, 1, 3, 48, 32))


@pytest.mark.parametrize(
    ("model", "short"),
    [
        ("swin_tiny_patch4_window7_224", {"depths": (1, 1, 1, 1)}),
        ("hiera_tiny_224", {"stages": (1, 1, 1, 1)}),
    ],
)
def test_hierarchies_are_read_by_stage(model, short):
    backbone = _timm(model, image_size=(64, 64), **short)
    outputs = backbone.forward_layers(torch.rand(1, 1, 3, 64, 64), [4, 1])
    assert [tuple(tokens.patches.shape) for tokens in outputs] == [(1, 1, 2, 2, 768), (1, 1, 16, 16, 96)]
    assert all(tokens.prefix is None for tokens in outputs)
    with pytest.raises(UnsupportedInputError, match="layers 1 to 4, not 0"):
        backbone.forward_layers(torch.rand(1, 1, 3, 64, 64), [0])


def test_final_norm_of_another_width_is_refused():
    backbone = _timm("swin_tiny_patch4_window7_224", image_size=(64, 64), depths=(1, 1, 1, 1))
    inputs = torch.rand(1, 1, 3, 64, 64)
    theirs = backbone.model.forward_intermediates(inputs[0], indices=[3], norm=True, intermediates_only=True)
    torch.testing.assert_close(
        backbone.forward_layers(inputs, [4])[0].patches[0], theirs[0].permute(0, 2, 3, 1)
    )
    with pytest.raises(UnsupportedInputError, match="768 wide and cannot follow layer 1"):
        backbone.forward_layers(inputs, [1], norm="all")


def test_stages_after_the_deepest_layer_do_not_run(video):
    backbone = _timm("tf_efficientnet_lite0")
    called = _calls(backbone.model.blocks)
    backbone.forward_layers(backbone.prepare(video), [2])
    assert called == [1, 2]


def _dino_positions(table, height, width):
    """The published routine, written out: scale factors with 0.1 added to the wanted grid."""
    count = table.shape[1] - 1
    if (height, width) == (math.isqrt(count),) * 2:
        return table
    grid = table[:, 1:].reshape(1, math.isqrt(count), math.isqrt(count), -1).permute(0, 3, 1, 2)
    scale = ((height + 0.1) / math.sqrt(count), (width + 0.1) / math.sqrt(count))
    grid = F.interpolate(grid, scale_factor=scale, mode="bicubic")
    assert grid.shape[-2:] == (height, width)
    return torch.cat([table[:, :1], grid.permute(0, 2, 3, 1).flatten(1, 2)], dim=1)


@pytest.mark.parametrize("size", [(50, 70), (224, 224), (480, 832), (224, 240)])
def test_dino_positions_are_dinos(small, size):
    image = torch.rand(1, 1, 3, *size)
    found = small.forward_layers(image, [0])[0]
    grid = (math.ceil(size[0] / 16), math.ceil(size[1] / 16))
    padded = F.pad(image[0], (0, grid[1] * 16 - size[1], 0, grid[0] * 16 - size[0]))
    patches = small.model.patch_embed.proj(padded).flatten(2).transpose(1, 2)
    expected = torch.cat([small.model.cls_token, patches], dim=1) + _dino_positions(
        small.model.pos_embed, *grid
    )
    torch.testing.assert_close(torch.cat([found.prefix[0], found.patches[0].flatten(1, 2)], dim=1), expected)


@pytest.mark.parametrize("size", [(224, 224), (518, 518), (50, 70)])
def test_dinov2_positions_are_dinos_too(shrunk, size):
    """DINOv2 kept the offset of 0.1 for the models without registers, here from 37x37 positions."""
    backbone = build_backbone(shrunk("dinov2-s14"))
    model, image = backbone.model, torch.rand(1, 1, 3, *size)
    found = backbone.forward_layers(image, [0])[0]
    grid = (math.ceil(size[0] / 14), math.ceil(size[1] / 14))
    padded = F.pad(image[0], (0, grid[1] * 14 - size[1], 0, grid[0] * 14 - size[0]))
    tokens = torch.cat([model.cls_token, model.patch_embed.proj(padded).flatten(2).transpose(1, 2)], dim=1)
    expected = tokens + _dino_positions(model.pos_embed, *grid)
    torch.testing.assert_close(torch.cat([found.prefix[0], found.patches[0].flatten(1, 2)], dim=1), expected)


def test_dino_and_timm_positions_differ_but_for_the_native_size(shrunk, small):
    card = shrunk("dino-s16")
    plain = build_backbone(
        card.model_copy(
            update={"architecture": card.architecture.model_copy(update={"position_embedding": "timm"})}
        )
    )
    assert plain.info.architecture != small.info.architecture
    for size, same in [(224, True), (96, False), (224, True)]:
        image = torch.rand(1, 1, 3, size, size)
        ours, theirs = (each.forward_layers(image, [2])[0].patches for each in (small, plain))
        assert torch.allclose(ours, theirs, atol=1e-6) == same


def test_dino_positions_learn_and_survive_a_copy(small, video):
    twin = copy.deepcopy(small)
    twin.forward_layers(twin.prepare(video), [2])[0].patches.square().sum().backward()
    assert twin.model.pos_embed.grad is not None
    assert twin.model.pos_embed.grad[:, 1:].abs().sum() > 0
    assert small.model.pos_embed.grad is None


def test_dino_positions_need_a_plain_transformer(shrunk):
    card = shrunk("dino-s16")
    architecture = card.architecture.model_copy(
        update={"model": "tf_efficientnet_lite0", "arguments": {}, "layers": 5}
    )
    with pytest.raises(CardError, match='write "timm"'):
        build_backbone(card.model_copy(update={"architecture": architecture}))


def test_building_is_seeded_and_leaves_the_global_state_alone(shrunk):
    card = shrunk("mae-b16")
    before = torch.get_rng_state()
    one, again, other = (build_backbone(card, seed=seed).state_dict() for seed in (3, 3, 4))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[key], again[key]) for key in one)
    assert not torch.equal(one["model.blocks.0.attn.qkv.weight"], other["model.blocks.0.attn.qkv.weight"])


def test_layers_of_parameters(small):
    assert small.layer_of("model.pos_embed") == 0
    assert small.layer_of("model.blocks.0.mlp.fc1.weight") == 1
    assert small.layer_of("model.blocks.1.norm1.bias") == 2
    assert small.layer_of("model.norm.weight") == 2
    with pytest.raises(UnsupportedInputError, match="no parameter `blocks"):
        small.layer_of("blocks.0")


def test_models_that_timm_does_not_group_have_no_layer_decay():
    with torch.device("meta"):
        backbone = build_backbone(timm_card("pit_ti_224"))
    with pytest.raises(UnsupportedInputError, match="fine-tune without layer-wise decay"):
        backbone.layer_of("model.cls_token")


def test_stages_of_parameters():
    backbone = _timm("tf_efficientnet_lite0")
    assert backbone.layer_of("model.conv_stem.weight") == 0
    assert backbone.layer_of("model.blocks.0.0.conv_dw.weight") == 1
    assert backbone.layer_of("model.blocks.3.0.conv_pw.weight") == 4
    assert backbone.layer_of("model.conv_head.weight") == 5


@pytest.mark.parametrize("model", ["mvitv2_tiny", "volo_d1_224", "resnet18"])
def test_parameters_belong_to_the_first_stage_that_they_change(model):
    """timm's names of stages fit no parameter of MViT, and VOLO adds its positions before stage 2."""
    backbone = load_backbone(f"timm:{model}", random_init=True)
    named = dict(backbone.named_parameters())
    images = torch.rand(1, 1, 3, *(backbone.info.image_size or (64, 64)))
    first = {}
    for layer in range(1, backbone.info.depth + 1):
        output = backbone.forward_layers(images, [layer], norm="none")[0].patches
        found = torch.autograd.grad(output.square().sum(), list(named.values()), allow_unused=True)
        for name, gradient in zip(named, found, strict=True):
            if gradient is not None:
                first.setdefault(name, layer)
    numbers = {name: backbone.layer_of(name) for name in named}
    stem = {name for name, number in numbers.items() if number == 0}
    assert stem
    assert stem <= {name for name, layer in first.items() if layer == 1}
    expected = {name: first.get(name, backbone.info.depth) for name in named if name not in stem}
    assert {name: numbers[name] for name in expected} == expected


def test_layers_of_parameters_are_found_without_touching_the_model(small):
    before = {key: tensor.clone() for key, tensor in small.state_dict().items()}
    random = torch.get_rng_state()
    with torch.inference_mode():
        assert small.layer_of("model.blocks.1.mlp.fc1.weight") == 2
    assert torch.equal(random, torch.get_rng_state())
    assert all(torch.equal(tensor, before[key]) for key, tensor in small.state_dict().items())
    assert all(parameter.grad is None for parameter in small.parameters())


def test_layers_of_parameters_are_refused_where_a_model_needs_data(small, monkeypatch):
    def read(*_, **__):
        raise NotImplementedError("no data on meta.")

    monkeypatch.setattr(small.model, "forward_intermediates", read)
    with pytest.raises(UnsupportedInputError, match=r"without data \(no data on meta\): fine-tune without"):
        small.layer_of("model.pos_embed")


@pytest.mark.parametrize("model", ["cait_xxs24_224", "xcit_nano_12_p8_224", "convit_tiny"])
def test_models_whose_prefix_timm_does_not_give_promise_none(model):
    backbone = load_backbone(f"timm:{model}", random_init=True)
    assert backbone.info.prefix == ()
    frames = torch.rand(1, 1, 3, *(backbone.info.image_size or (64, 64)))
    assert backbone.forward_layers(frames, [1])[0].prefix is None


def test_sizes_of_which_a_model_cuts_off_a_part_are_refused():
    backbone = _timm("convnext_atto")
    assert backbone.forward_layers(torch.rand(1, 1, 3, 64, 96), [4])[0].patches.shape == (1, 1, 2, 3, 320)
    with pytest.raises(UnsupportedInputError, match=r"56x84 as 7x10 tokens .* multiples of 32"):
        backbone.forward_layers(torch.rand(1, 1, 3, 56, 84), [1, 2])


def test_models_built_for_two_sizes_have_two_identities():
    """Swin's weights have the same shapes for both: only what it was built for tells the features apart."""
    with torch.device("meta"):
        one, other = (
            build_backbone(timm_card("swin_tiny_patch4_window7_224"), image_size=(side, side))
            for side in (224, 448)
        )
    shapes = [{key: value.shape for key, value in each.state_dict().items()} for each in (one, other)]
    assert shapes[0] == shapes[1]
    assert one.info.architecture != other.info.architecture


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 3, 32, 32), (1, 3, 2, 32, 32), (1, 2, 3, 0, 32)])
def test_other_shapes_are_refused(small, shape):
    with pytest.raises(UnsupportedInputError, match=r"\[B, T, 3, H, W\]"):
        small.prepare(torch.rand(shape))


def test_bytes_are_refused(small):
    with pytest.raises(UnsupportedInputError, match="divide by 255"):
        small.prepare(torch.zeros(1, 1, 3, 32, 32, dtype=torch.uint8))


def test_wrong_card_arguments_name_themselves(shrunk):
    card = shrunk("mae-b16")
    architecture = card.architecture.model_copy(update={"arguments": {"haeds": 3}})
    with pytest.raises(CardError, match="haeds"):
        build_backbone(card.model_copy(update={"architecture": architecture}))
    architecture = card.architecture.model_copy(update={"layers": 7})
    with pytest.raises(CardError, match="says 7 layers"):
        build_backbone(card.model_copy(update={"architecture": architecture}))


def test_size_that_timm_cannot_build_is_refused():
    with pytest.raises(UnsupportedInputError, match="hiera"):
        load_backbone("timm:hiera_tiny_224", random_init=True, image_size=(50, 70))


def test_timm_names_describe_themselves():
    card = timm_card("vit_small_patch16_224.dino")
    assert card.name == "timm:vit_small_patch16_224.dino"
    assert card.weights.url.endswith("dino_deitsmall16_pretrain.pth")
    assert card.weights.licence == "apache-2.0"
    assert card.architecture.mean == (0.485, 0.456, 0.406)


def test_timm_names_on_the_hub_give_the_files_address():
    weights = timm_card("hiera_base_224.mae").weights
    assert weights.url == "https://huggingface.co/timm/hiera_base_224.mae/resolve/main/model.safetensors"
    assert weights.filename == "hiera_base_224.mae.safetensors"


def test_a_file_that_timm_names_on_the_hub_is_taken(monkeypatch):
    described = replace(timm.get_pretrained_cfg("hiera_base_224.mae"), hf_hub_filename="other.bin")
    monkeypatch.setattr(timm, "get_pretrained_cfg", lambda _: described)
    weights = timm_card("hiera_base_224.mae").weights
    assert weights.url == "https://huggingface.co/timm/hiera_base_224.mae/resolve/main/other.bin"
    assert weights.filename == "hiera_base_224.mae.bin"


@pytest.mark.parametrize(("model", "widen"), [("resnet50", 0), ("vit_small_patch16_224", 2)])
def test_only_resnets_are_widened(shrunk, model, widen):
    card = shrunk("swav-rn50x2")
    architecture = card.architecture.model_copy(update={"model": model, "arguments": {"widen": widen}})
    with pytest.raises(CardError, match=f"`widen = {widen}` multiplies the channels of a timm ResNet"):
        build_backbone(card.model_copy(update={"architecture": architecture}))


def test_a_resnet_widened_by_one_is_timms_own(shrunk):
    card = shrunk("swav-rn50")
    arguments = card.architecture.arguments | {"widen": 1}
    architecture = card.architecture.model_copy(update={"arguments": arguments})
    plain, widened = (
        build_backbone(card),
        build_backbone(card.model_copy(update={"architecture": architecture})),
    )
    widened.model.load_state_dict(plain.model.state_dict())
    images = torch.rand(1, 1, 3, 50, 70)
    for layer in range(1, 6):
        ours, theirs = (each.forward_layers(images, [layer])[0].patches for each in (widened, plain))
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("name", ["vit_smal_patch16_224", "vit_small_patch16_224.dinoo", "hf-hub:timm/x"])
def test_unknown_timm_names_are_suggested(name):
    with pytest.raises(UnknownNameError, match="timm has no model") as caught:
        load_backbone(f"timm:{name}")
    assert name.startswith("hf-hub") or "Did you mean" in str(caught.value)


def test_timm_version_has_what_we_lean_on():
    assert timm.list_models("vit_*"), timm.__version__

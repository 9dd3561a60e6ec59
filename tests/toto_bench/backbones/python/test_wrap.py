"""Any torch module as a backbone: what its outputs mean, and what cannot be read."""

import math

import pytest
import timm
import torch
from torch import nn

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.errors import InvalidWeightsError
from toto_bench.backbones.python.wrap import as_backbone
from toto_bench.errors import RequestError


class Transformer(nn.Module):
    """Patches, two blocks that return tuples, a class token first."""

    def __init__(self, prefixes: int = 1) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 8, 8)
        self.first = nn.Parameter(torch.randn(1, prefixes, 16))
        self.blocks = nn.ModuleList([Block(), Block()])
        self.seen: list[int] = []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        tokens = self.patches(images).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.first.expand(len(images), -1, -1), tokens], dim=1)
        for number, block in enumerate(self.blocks):
            self.seen.append(number)
            tokens = block(tokens)[0]
        return tokens


class Block(nn.Module):
    """A residual layer."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(16, 16)

    def forward(self, tokens: torch.Tensor) -> tuple[torch.Tensor, None]:
        return tokens + self.mix(tokens), None


def frames(*size: int, times: int = 2) -> torch.Tensor:
    """[2, T, 3, H, W]."""
    return torch.rand(2, times, 3, *size, generator=torch.Generator().manual_seed(1))


def test_maps_tokens_and_vectors() -> None:
    """[N, D, h, w], [N, L, D] after its prefix, and [N, D]."""
    network = nn.Sequential(nn.Conv2d(3, 8, 4, 4), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    conv = as_backbone(network, layers=("0", "2"), image_size=32)
    assert [tuple(layer) for layer in conv.info.layers] == [(8, 4, 1), (8, 32, 1)]
    video = frames(32, 48)
    maps, vector = conv.forward_layers(conv.prepare(video), [1, 2])
    expected = network[0](conv.prepare(video)[1, 1][None])
    assert maps.patches.shape == (2, 2, 8, 12, 8)
    assert torch.allclose(maps.patches[1, 1].permute(2, 0, 1), expected[0], atol=1e-6)
    assert vector.patches.shape == (2, 2, 1, 1, 8)

    model = Transformer()
    vit = as_backbone(model, layers=("blocks.0", "blocks.1"), prefix=("cls",), image_size=(32, 32))
    video = frames(24, 40)
    one, two = vit.forward_layers(vit.prepare(video), [1, 2])
    assert one.patches.shape == two.patches.shape == (2, 2, 3, 5, 16)
    assert one.prefix is not None
    assert one.prefix.shape == (2, 2, 1, 16)
    direct = model(vit.prepare(video).flatten(0, 1))
    assert torch.equal(two.patches.flatten(0, 1).flatten(1, 2), direct[:, 1:])
    assert torch.equal(two.prefix.flatten(0, 1), direct[:, :1])


def test_later_blocks_do_not_run() -> None:
    """The pass ends at the deepest layer asked for, in any order, with repeats."""
    model = Transformer()
    backbone = as_backbone(model, layers=("blocks.0", "blocks.1"), prefix=("cls",), image_size=32)
    inputs = backbone.prepare(frames(32, 32))
    model.seen.clear()
    alone = backbone.forward_layers(inputs, [1])[0]
    assert model.seen == [0]
    second, first, again = backbone.forward_layers(inputs, [2, 1, 1])
    assert torch.equal(first.patches, alone.patches)
    assert torch.equal(again.patches, alone.patches)
    assert not torch.equal(second.patches, alone.patches)
    assert backbone.forward_layers(inputs, []) == []


@pytest.mark.parametrize("clip", ["BTCHW", "BCTHW"])
def test_clips(clip: str) -> None:
    """A video model gets whole clips, in its order of axes; its time steps come back."""

    class Video(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv3d(3, 6, (2, 8, 8), (2, 8, 8))

        def forward(self, video: torch.Tensor) -> torch.Tensor:
            return self.conv(video if clip == "BCTHW" else video.transpose(1, 2))

    backbone = as_backbone(Video(), clip=clip, frames=4, tubelet=2, image_size=32)
    assert (backbone.info.frames, tuple(backbone.info.layers[0])) == (4, (6, 8, 2))
    video = frames(32, 32, times=4)
    tokens = backbone.forward_layers(backbone.prepare(video), [1])[0]
    assert tokens.patches.shape == (2, 2, 4, 4, 6)
    with pytest.raises(UnsupportedInputError, match="clips of 4 frames, not 3"):
        backbone.prepare(frames(32, 32, times=3))


def test_layers_of_parameters() -> None:
    """For layer-wise decay: the stem is 0, what a layer's submodule holds is that layer."""
    backbone = as_backbone(Transformer(), layers=("blocks.0", "blocks.1"), prefix=("cls",), image_size=32)
    numbers = {name: backbone.layer_of(name) for name, _ in backbone.named_parameters()}
    assert numbers["model.patches.weight"] == 0
    assert numbers["model.blocks.0.mix.weight"] == 1
    assert numbers["model.blocks.1.mix.bias"] == 2


def test_the_module_is_not_copied_and_its_state_is_its_identity() -> None:
    """Gradients reach it; other weights have another hash; its mode stays."""
    model = Transformer().train()
    backbone = as_backbone(model, prefix=("cls",), image_size=32)
    assert model.training
    backbone.forward_layers(backbone.prepare(frames(32, 32)), [1])[0].patches.mean().backward()
    assert model.patches.weight.grad is not None
    assert as_backbone(Transformer(), prefix=("cls",), image_size=32).info.weights != backbone.info.weights
    assert as_backbone(model, prefix=("cls",), image_size=32).info.weights == backbone.info.weights
    assert as_backbone(backbone) is backbone


@pytest.mark.parametrize(
    ("model", "options", "problem"),
    [
        (
            Transformer(),
            {"layers": ("block.0",), "prefix": ("cls",)},
            "Did you mean `blocks.0`",
        ),
        (Transformer(), {}, "17 tokens are no grid"),
        (
            nn.Sequential(nn.Conv2d(3, 4, 8, 8), nn.Identity()),
            {"layers": ("0",), "clip": "BTCHW"},
            "failed on zeros",
        ),
        (nn.Conv2d(3, 4, (8, 4), (8, 4)), {}, "not one of square patches"),
        (nn.Sequential(nn.Flatten(0)), {}, "is no layer"),
    ],
)
def test_what_cannot_be_read_is_refused(model: nn.Module, options: dict, problem: str) -> None:
    """One sentence with the way out."""
    with pytest.raises(RequestError, match=problem):
        as_backbone(model, image_size=32, **options)


def test_a_timm_model_keeps_its_own_statistics_and_layers() -> None:
    """It is read as `timm:MODEL` would read it."""
    model = timm.create_model("test_vit", num_classes=0, dynamic_img_size=True, dynamic_img_pad=True)
    backbone = as_backbone(model, name="mine")
    assert backbone.info.depth == len(model.blocks)
    assert backbone.info.prefix == ("cls",)
    assert backbone.info.statistics is not None
    assert backbone.info.statistics.mean == tuple(model.pretrained_cfg["mean"])
    size = (50, 70)
    tokens = backbone.forward_layers(backbone.prepare(frames(*size)), [1])[0]
    stride = backbone.info.layers[0].stride
    assert tokens.patches.shape[2:4] == tuple(math.ceil(side / stride) for side in size)


def test_how_it_is_read_is_part_of_its_identity() -> None:
    """Clips of another length, and another size, are other backbones of the same weights."""
    video = nn.Conv3d(3, 4, (2, 8, 8), (2, 8, 8))
    usual = {"clip": "BCTHW", "frames": 4, "tubelet": 2, "image_size": 32}
    changes = (
        {},
        {"frames": 8},
        {"image_size": 64},
        {"any_size": False},
        {"name": "Conv3d", "layers": ("",)},
    )
    found = {as_backbone(video, **(usual | change)).info.architecture for change in changes}
    assert len(found) == len(changes)


class Pooled(nn.Module):
    """A clip as one vector."""

    def forward(self, video: torch.Tensor) -> torch.Tensor:
        return video.mean((2, 3, 4))


def test_a_vector_of_a_clip_stands_for_all_its_frames() -> None:
    """Its shape is what the layer promises."""
    backbone = as_backbone(Pooled(), clip="BCTHW", frames=4, tubelet=2, image_size=32)
    assert tuple(backbone.info.layers[0]) == (3, 32, 4)
    tokens = backbone.forward_layers(backbone.prepare(frames(32, 32, times=4)), [1])[0]
    assert tokens.patches.shape == (2, 1, 1, 1, 3)


CLIP = {"clip": "BCTHW", "frames": 4}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (CLIP, "2 steps in time for 4 frames, not the 4 of `tubelet` = 1"),
        (CLIP | {"tubelet": 4}, "2 steps in time for 4 frames, not the 1 of `tubelet` = 4"),
        (CLIP | {"tubelet": 3}, "`frames` = 4 and `tubelet` = 3"),
        (CLIP | {"tubelet": 0}, "`frames` = 4 and `tubelet` = 0"),
        (CLIP | {"clip": "BCHW"}, "`clip` = 'BCHW'"),
        ({"frames": 4}, "`clip` is NCHW"),
        ({"layers": "blocks.0"}, r"`layers` is the text 'blocks.0': give a list"),
        ({"mean": (0.5,)}, r"`mean` = \(0.5,\): give three numbers"),
        ({"std": (0, 0, 0)}, r"`std` = \(0, 0, 0\): .* above 0"),
    ],
)
def test_options_that_fit_no_module_are_refused(options: dict, problem: str) -> None:
    """A model of tubelets of 2 frames; each message names the option."""
    with pytest.raises(RequestError, match=problem):
        as_backbone(nn.Conv3d(3, 4, (2, 8, 8), (2, 8, 8)), image_size=32, **options)


class Failing(nn.Conv2d):
    """Raises what it is given."""

    def __init__(self, error: Exception) -> None:
        super().__init__(3, 4, 8, 8)
        self.error = error

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [AssertionError("of 32 only\nand more"), KeyError("x"), AttributeError("x"), OSError(), StopIteration()],
)
def test_whatever_a_forward_raises_is_one_paragraph(error: Exception) -> None:
    """Of one line, with the kind of the error."""
    with pytest.raises(RequestError, match=f"failed on zeros .* with {type(error).__name__}") as caught:
        as_backbone(Failing(error), image_size=32)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_parameters_than_float32_are_refused(dtype: torch.dtype) -> None:
    """Of any module, timm's too."""
    for model in (nn.Conv2d(3, 4, 8, 8), timm.create_model("test_vit")):
        with pytest.raises(RequestError, match=f"parameters of {str(dtype)[6:]}: call its `.float"):
            as_backbone(model.to(dtype), image_size=32)


def test_the_default_number_type_of_torch_does_not_matter() -> None:
    """The zeros and the frames are float32."""
    model = nn.Conv2d(3, 4, 8, 8)
    torch.set_default_dtype(torch.float64)
    try:
        backbone = as_backbone(model, image_size=32)
        tokens = backbone.forward_layers(backbone.prepare(frames(32, 32)), [1])[0]
    finally:
        torch.set_default_dtype(torch.float32)
    assert tokens.patches.dtype == torch.float32


def test_modules_that_have_no_weights_yet() -> None:
    """The meta device has none; a lazy module has them after its first pass."""
    with pytest.raises(InvalidWeightsError, match="has no values"):
        as_backbone(nn.Conv2d(3, 4, 8, 8, device="meta"), image_size=32)
    assert as_backbone(nn.LazyConv2d(4, 8, 8), image_size=32).info.parameters == 4 * 3 * 64 + 4


def test_a_timm_model_is_native_to_the_size_that_it_was_built_for() -> None:
    """Not to that of the weights in its description."""
    described = timm.create_model("test_vit").pretrained_cfg["input_size"][-1]
    model = timm.create_model("test_vit", num_classes=0, img_size=2 * described)
    assert as_backbone(model).info.native_size == 2 * described
    assert as_backbone(timm.create_model("test_convnext")).info.native_size == 160

"""The contract's checks find what they look for: a backbone that is broken in one way fails with one sentence."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from toto_bench.backbones.base import Backbone, BackboneInfo, LayerInfo, Tokens, UnsupportedInputError
from toto_bench.testing import check_backbone


class Sound(Backbone):
    """Two layers of 4-pixel patches with a class token; each test breaks one thing of it."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Conv2d(3, 6, 4, 4)
        self.block = nn.Linear(6, 6)
        self.cls = nn.Parameter(torch.randn(6))
        self.norm = nn.LayerNorm(6)
        self.register_buffer("calls", torch.zeros(1))
        self.info = BackboneInfo(
            name="sound",
            layers=(LayerInfo(6, 4, 1),) * 2,
            default_layer=2,
            preprocessing="identity",
            weights="random:0",
            architecture="sound:1",
            prefix=("cls",),
            parameters=sum(parameter.numel() for parameter in self.parameters()),
        )

    def prepare(self, video):
        return video - 0.5

    def forward_layers(self, inputs, layers, *, norm="last"):
        for layer in layers:
            self.info.layer(layer)
        height, width = inputs.shape[-2:]
        padded = nn.functional.pad(inputs.flatten(0, 1), (0, -width % 4, 0, -height % 4))
        first = self.embed(padded).permute(0, 2, 3, 1)
        tokens = {1: first, 2: torch.relu(self.block(first)) + self.cls}
        return [self.tokens(tokens[layer], layer, norm, inputs.shape[:2]) for layer in layers]

    def tokens(self, patches, layer, norm, batch):
        if norm == "all" or (norm == "last" and layer == 2):
            patches = self.norm(patches)
        prefix = self.cls + patches.mean(dim=(1, 2)).reshape(*batch, 1, 6)
        return Tokens(patches.reshape(*batch, *patches.shape[1:]), prefix)


def _told(**changes):
    """A sound backbone that says something else of itself."""
    backbone = Sound()
    backbone.info = replace(backbone.info, **changes)
    return backbone


class Mixing(Sound):
    def prepare(self, video):
        return video - video.mean(dim=1, keepdim=True) * torch.arange(video.shape[1]).view(1, -1, 1, 1, 1)


class Doubled(Sound):
    def prepare(self, video):
        return super().prepare(video).double()


class Folded(Sound):
    def prepare(self, video):
        return video.flatten(0, 1)


class Overwriting(Sound):
    def prepare(self, video):
        return video.sub_(0.5)


class Drawing(Sound):
    def forward_layers(self, inputs, layers, *, norm="last"):
        return super().forward_layers(inputs + torch.rand(1), layers, norm=norm)


class Peeking(Sound):
    """Looks at what else is asked for."""

    def forward_layers(self, inputs, layers, *, norm="last"):
        return super().forward_layers(inputs * (1 + 0.1 * len(layers)), layers, norm=norm)


class Sorting(Sound):
    def forward_layers(self, inputs, layers, *, norm="last"):
        return super().forward_layers(inputs, sorted(layers), norm=norm)


class Sharing(Sound):
    """Subtracts the mean of the batch, as batch normalisation in training mode does."""

    def forward_layers(self, inputs, layers, *, norm="last"):
        return super().forward_layers(inputs - inputs.mean(0, keepdim=True), layers, norm=norm)


class Obliging(Sound):
    def forward_layers(self, inputs, layers, *, norm="last"):
        return super().forward_layers(inputs, [min(max(layer, 1), 2) for layer in layers], norm=norm)


class Frozen(Sound):
    def forward_layers(self, inputs, layers, *, norm="last"):
        with torch.no_grad():
            return super().forward_layers(inputs, layers, norm=norm)


class Detached(Sound):
    def forward_layers(self, inputs, layers, *, norm="last"):
        return super().forward_layers(inputs.detach(), layers, norm=norm)


class Idle(Sound):
    def __init__(self):
        super().__init__()
        self.unused = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
        self.info = replace(self.info, parameters=sum(parameter.numel() for parameter in self.parameters()))


class Counting(Sound):
    def forward_layers(self, inputs, layers, *, norm="last"):
        self.calls = self.calls + 1
        return super().forward_layers(inputs, layers, norm=norm)


class Waking(Sound):
    def forward_layers(self, inputs, layers, *, norm="last"):
        self.eval()
        return super().forward_layers(inputs, layers, norm=norm)


class Diverging(Sound):
    def tokens(self, patches, layer, norm, batch):
        return super().tokens(patches / 0.0, layer, norm, batch)


class Renorming(Sound):
    def tokens(self, patches, layer, norm, batch):
        return super().tokens(self.norm(patches) if norm == "none" else patches, layer, norm, batch)


class Picky(Sound):
    """Reads multiples of its patch alone."""

    def forward_layers(self, inputs, layers, *, norm="last"):
        if inputs.shape[-1] % 4:
            raise UnsupportedInputError("`sound` reads multiples of 4 pixels.")
        return super().forward_layers(inputs, layers, norm=norm)


class Unlucky(Sound):
    """Draws a number that changes nothing."""

    def forward_layers(self, inputs, layers, *, norm="last"):
        torch.rand(1)
        return super().forward_layers(inputs, layers, norm=norm)


def test_a_sound_backbone_passes_and_is_left_alone():
    backbone = Sound().train()
    check_backbone(backbone)
    assert backbone.training
    assert all(parameter.grad is None for parameter in backbone.parameters())


def test_a_backbone_may_refuse_some_sizes_but_not_all():
    check_backbone(Picky())
    with pytest.raises(AssertionError, match=r"None of the sizes \[\(30, 30\)\] is read"):
        check_backbone(Picky(), sizes=[(30, 30)])


BROKEN = [
    (lambda: _told(layers=()), "`info.layers` is empty"),
    (lambda: _told(default_layer=3), "`info.default_layer` is 3, but layers are 1 to 2"),
    (lambda: _told(architecture=""), "`info.architecture` is empty"),
    (lambda: _told(prefix=("reg", "cls")), "the class token comes first"),
    (lambda: _told(parameters=1), r"`info.parameters` is 1, but the model has \d+"),
    (lambda: _told(prefix=()), r"Layer 1: a prefix \[2, 2, 1, 6\] that `info.prefix` does not name"),
    (lambda: _told(prefix=("cls", "reg")), r"Layer 1: the prefix is \[2, 2, 1, 6\].*promises \[2, 2, 2, 6\]"),
    (
        lambda: _told(layers=(LayerInfo(6, 8, 1),) * 2),
        r"patches are \[2, 2, 8, 12, 6\].*promises \[2, 2, 4, 6, 6\]",
    ),
    (lambda: _told(layers=(LayerInfo(7, 4, 1),) * 2), r"promises \[2, 2, 8, 12, 7\]"),
    (lambda: _told(frames=2), "`info.frames` is 2, but 4 frames were read"),
    (
        lambda: _told(image_size=(32, 32)),
        r"`info.image_size` is \(32, 32\), but frames of \(64, 64\) were read",
    ),
    (Mixing, "`prepare` mixes frames"),
    (Doubled, "`prepare` gives torch.float64"),
    (Folded, "batch and time have to stay"),
    (Overwriting, "`prepare` changed the video"),
    (Drawing, "other tokens the second time"),
    (Peeking, "Layer 1 differs when it is asked for alone"),
    (Sorting, "do not come in the order"),
    (Sharing, "change with the clip beside it"),
    (Obliging, "Layer -1 does not exist"),
    (Frozen, "Tokens carry no gradient"),
    (Detached, "No gradient reaches the inputs"),
    (Idle, r"Gradients do not reach 6 of \d+ parameters, among them \['unused.0.weight'"),
    (Counting, r"changed the state \['calls'\]"),
    (Waking, "between training and evaluation mode"),
    (Diverging, "NaN or infinite"),
    (Renorming, "changes a layer below the last"),
    (Unlucky, "The random state moved"),
]


@pytest.mark.parametrize(("make", "words"), BROKEN, ids=[words[:40] for _, words in BROKEN])
def test_a_broken_backbone_is_found_out(make, words):
    torch.manual_seed(0)
    with pytest.raises(AssertionError, match=words):
        check_backbone(make())

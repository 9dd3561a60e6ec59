"""Random clips that a backbone reads, and the shapes that its tokens then have."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from toto_bench.backbones.base import Backbone, BackboneInfo, Tokens

Size = tuple[int, int]
"""Height and width in pixels."""


def clips(backbone: Backbone, size: Size, batch: int = 2) -> Tensor:
    """Random clips [B, T, 3, H, W] in [0, 1], of as many frames as the backbone needs, on its device."""
    tubelet = max(layer.tubelet for layer in backbone.info.layers)
    shape = (batch, backbone.info.frames or 2 * tubelet, 3, *size)
    device = next((parameter.device for parameter in backbone.parameters()), torch.device("cpu"))
    if device.type == "meta":
        return torch.empty(shape, device=device)
    return torch.rand(shape, generator=torch.Generator().manual_seed(0)).to(device)


def expect_shapes(
    outputs: Sequence[Tokens], info: BackboneInfo, layers: Sequence[int], video: Sequence[int]
) -> None:
    """Tokens are shaped as `info` says, for a video [B, T, 3, H, W]; layer 0 is like layer 1.

    The grid covers the whole frame: its sides are those of the frame over the layer's stride, rounded up. A model
    whose strides cut off what is left over pads its frames, or refuses sizes that they do not divide.

    Raises:
        AssertionError: names the layer, its shape and the one expected.
    """
    batch, frames, _, height, width = video
    assert len(outputs) == len(layers), f"{len(layers)} layers were asked for, {len(outputs)} came."
    for number, tokens in zip(layers, outputs, strict=True):
        dim, stride, tubelet = info.layer(max(number, 1))
        grid = (math.ceil(height / stride), math.ceil(width / stride))
        expected = (batch, frames // tubelet, *grid, dim)
        assert tokens.patches.shape == expected, (
            f"Layer {number}: patches are {list(tokens.patches.shape)}, but `info` promises {list(expected)}: sides of "
            f"{height}x{width} pixels over the stride {stride}, rounded up. Correct `info`, or refuse this size."
        )
        _expect_prefix(tokens, info, number, (batch, frames // tubelet, dim))
        if tokens.patches.device.type != "meta":
            assert tokens.patches.isfinite().all(), f"Layer {number}: tokens are NaN or infinite."


def _expect_prefix(tokens: Tokens, info: BackboneInfo, number: int, shape: tuple[int, int, int]) -> None:
    """One token per name, per frame or per clip; none at all where `info` names none."""
    if tokens.prefix is None:
        assert not info.prefix, f"Layer {number}: no prefix, but `info` names {info.prefix}."
        return
    assert info.prefix, (
        f"Layer {number}: a prefix {list(tokens.prefix.shape)} that `info.prefix` does not name."
    )
    batch, time, dim = shape
    allowed = [(batch, steps, len(info.prefix), dim) for steps in (time, 1)]
    assert tuple(tokens.prefix.shape) in allowed, (
        f"Layer {number}: the prefix is {list(tokens.prefix.shape)}, but `info` promises {list(allowed[0])}, or "
        f"{list(allowed[1])} for one prefix per clip."
    )

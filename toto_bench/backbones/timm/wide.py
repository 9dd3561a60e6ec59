"""ResNets with every channel multiplied, as SimCLR, BYOL and SwAV write them (RN50 x2, x4).

timm's and torchvision's `wide_resnet50_2` is another model: it widens the inner convolution of each block alone.
"""

from typing import Any

import timm
from timm.models.resnet import ResNet
from torch import nn

from toto_bench.cards import CardError

CHANNELS = (64, 128, 256, 512)
"""Inner channels of a ResNet's four stages at width 1; a bottleneck's output has four times as many."""
STEM = 64
"""Channels of its first convolution."""


def wide_resnet(model: str, *, widen: int = 1, **arguments: Any) -> nn.Module:
    """An untrained timm ResNet, `widen` times as wide everywhere, under the plain ResNet's keys.

    timm fixes the width of the plain stem, but not that of its deep stem. So the network is built on a deep stem
    of the right width, and the plain one, a 7x7 convolution of stride 2, takes its place.

    Raises:
        CardError: it is not a ResNet of timm, or `widen` is no factor.
    """
    if widen < 1 or not model.startswith("resnet"):
        raise CardError(
            f"`widen = {widen}` multiplies the channels of a timm ResNet by 1 or more, not of `{model}`."
        )
    channels = tuple(widen * channel for channel in arguments.pop("channels", CHANNELS))
    width = widen * STEM
    network = timm.create_model(
        model, stem_type="deep", stem_width=width // 2, channels=channels, **arguments
    )
    assert isinstance(network, ResNet)
    stem = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
    nn.init.kaiming_normal_(stem.weight, mode="fan_out", nonlinearity="relu")
    network.set_submodule("conv1", stem)
    return network

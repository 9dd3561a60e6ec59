"""The floor: colour and gradient statistics of each patch, without a single learnt number."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from toto_bench.backbones.base import Backbone, BackboneInfo, FinalNorm, LayerInfo, Tokens
from toto_bench.backbones.frames import check_frames
from toto_bench.cards import BackboneCard, CardError

BINS = 8
"""Unsigned orientations of the gradient, 22.5 degrees apart."""
CELLS = 2
"""Cells per side of a patch; each has its own histogram."""
LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in brightness (ITU-R BT.601)."""
FLAT = 0.01
"""Keeps histograms of patches without gradients near zero; in brightness per pixel."""
DIM = 6 + BINS * CELLS * CELLS
"""Mean and standard deviation of each channel, then the histograms."""


class Pixels(Backbone):
    """One layer of hand-made tokens: what a benchmark gives to a model that knows nothing."""

    def __init__(self, name: str, patch: int, native_size: int | None) -> None:
        super().__init__()
        self.patch = patch
        self.info = BackboneInfo(
            name=name,
            layers=(LayerInfo(DIM, patch, 1),),
            default_layer=1,
            preprocessing="identity:float32",
            weights="none",
            native_size=native_size,
            checkpoint="none",
            floor=True,
            architecture=f"pixels:1 patch={patch}",
        )

    def prepare(self, video: Tensor) -> Tensor:
        """Frames as they are; float32 [B, T, 3, H, W] in [0, 1]."""
        check_frames(video, self.info.name)
        return video.to(torch.float32)

    def forward_layers(
        self,
        inputs: Tensor,
        layers: Sequence[int],
        *,
        norm: FinalNorm = "last",  # noqa: ARG002 (nothing is normed)
    ) -> list[Tokens]:
        """Statistics of each patch, [B, T, ceil(H/p), ceil(W/p), D]; the edge is repeated to fill it."""
        for layer in layers:
            self.info.layer(layer)
        check_frames(inputs, self.info.name)
        if not layers:
            return []
        tokens = describe_patches(inputs.flatten(0, 1), self.patch)
        return [Tokens(tokens.reshape(*inputs.shape[:2], *tokens.shape[1:]))] * len(layers)


def build(card: BackboneCard, *, seed: int, image_size: tuple[int, int] | None = None) -> Pixels:  # noqa: ARG001
    """The floor of a card: `patch` in its arguments is the side of a patch; it reads any size, needs no seed.

    Raises:
        CardError: `patch` is not an even number, or there are other arguments.
    """
    arguments: dict[str, Any] = {"patch": 16, **card.architecture.arguments}
    patch = arguments.pop("patch")
    if arguments or not isinstance(patch, int) or patch < CELLS or patch % CELLS:
        raise CardError(
            f"`{card.name}`: `architecture.arguments` takes `patch` alone, an even number of pixels; it has "
            f"{card.architecture.arguments}."
        )
    return Pixels(card.name, patch, card.architecture.image_size).eval()


def describe_patches(images: Tensor, patch: int) -> Tensor:
    """Colour and gradient statistics of each patch.

    Args:
        images: [N, 3, H, W] in [0, 1].
        patch: side in pixels.

    Returns:
        [N, h, w, 6 + BINS * CELLS**2]: mean and standard deviation of each channel, both mapped to about
        [-1, 1], then per cell (rows first) the histogram of orientations weighted by magnitude, of unit
        length over the patch.
    """
    height, width = images.shape[-2:]
    images = F.pad(images, (0, -width % patch, 0, -height % patch), mode="replicate")
    mean = F.avg_pool2d(images, patch)
    square = F.avg_pool2d(images.square(), patch)
    deviation = (square - mean.square()).clamp_min(1e-8).sqrt()
    gradients = _in_cells(F.avg_pool2d(_orientations(images), patch // CELLS))
    gradients = gradients / (gradients.square().sum(1, keepdim=True) + FLAT**2).sqrt()
    return torch.cat([2 * mean - 1, 2 * deviation, gradients], dim=1).permute(0, 2, 3, 1)


def _orientations(images: Tensor) -> Tensor:
    """Magnitude of the gradient of brightness, shared by its two nearest orientations: [N, BINS, H, W]."""
    luma = (images * images.new_tensor(LUMA).view(3, 1, 1)).sum(1, keepdim=True)
    padded = F.pad(luma, (1, 1, 1, 1), mode="replicate")
    right = (padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]) / 2
    down = (padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]) / 2
    flat = (right == 0) & (down == 0)
    # atan2 and the root have no derivative at zero, so flat pixels take a stand-in and no weight.
    right = torch.where(flat, torch.ones_like(right), right)
    magnitude = torch.where(flat, torch.zeros_like(right), (right.square() + down.square()).sqrt())
    position = torch.atan2(down, right) * (BINS / math.pi)
    centres = torch.arange(BINS, dtype=images.dtype, device=images.device).view(BINS, 1, 1)
    distance = (position - centres + BINS / 2).remainder(BINS) - BINS / 2
    return magnitude * (1 - distance.abs()).clamp_min(0)


def _in_cells(cells: Tensor) -> Tensor:
    """[N, K, CELLS*h, CELLS*w] to [N, K*CELLS**2, h, w]."""
    return F.pixel_unshuffle(cells, CELLS)

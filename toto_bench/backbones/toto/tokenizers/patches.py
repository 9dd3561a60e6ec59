"""Continuous patches, each normalised by its own mean and variance, as MAE predicts them (He et al. 2022)."""

import torch
from torch import Tensor
from torch.nn import functional as F

from toto_bench.backbones.base import IMAGENET
from toto_bench.backbones.frames import normalise, preprocessing_id
from toto_bench.backbones.toto.tokenizers.base import Tokenizer

EPSILON = 1e-6
"""Added to the variance of a patch (facebookresearch/mae, models_mae.py, `norm_pix_loss`)."""


class NormalisedPatches(Tokenizer):
    """Pixels to vectors; without weights."""

    name = "patches"
    vocabulary = None
    stride = 16
    mapping = (
        f"{preprocessing_id(IMAGENET)};16x16 in order row, column, channel;unbiased variance + {EPSILON:g}"
    )
    weights = "none"

    def _encode(self, images: Tensor) -> Tensor:
        patches = patchify(normalise(images, IMAGENET), self.stride)
        mean = patches.mean(dim=-1, keepdim=True)
        variance = patches.var(dim=-1, keepdim=True, unbiased=True)
        return (patches - mean) / torch.sqrt(variance + EPSILON)


def patchify(images: Tensor, side: int) -> Tensor:
    """[N, 3, h * p, w * p] to [N, h, w, p * p * 3], within a patch by row, column, channel ('nhwpqc')."""
    pixels = F.pixel_unshuffle(images, side)  # [N, 3 * p * p, h, w]: channel, row, column
    return torch.unflatten(pixels, 1, (3, side * side)).permute(0, 3, 4, 2, 1).flatten(3)

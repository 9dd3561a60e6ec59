"""What is minimised: the error of the reconstruction, and what makes codes steady and evenly used."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from toto_bench.backbones.toto.tokenizers.nano import NanoTokenizer
from toto_bench.pretraining.tokenizer.crops import MARGIN
from toto_bench.pretraining.tokenizer.recipe import TokenizerRecipe

SCALES = 4
"""The error is taken at the full size and at halves of it; the coarsest shows colours and places alone."""


class Reconstruction(nn.Module):
    """Losses of a batch of crops."""

    def __init__(self, tokenizer: NanoTokenizer, recipe: TokenizerRecipe) -> None:
        super().__init__()
        self.tokenizer, self.recipe = tokenizer, recipe

    def forward(self, crops: Tensor) -> dict[str, Tensor]:
        """Of float32 [N, 3, crop + 1, crop + 1] in [0, 1]; scalars by name.

        Every second image is read once more, moved by a pixel (right, down or both): its latents should stay alike, as
        a thing that moves should keep its words.
        """
        images = crops[..., :-MARGIN, :-MARGIN]
        latents = self.tokenizer.latents(self._noisy(images))
        decoded = self.tokenizer.reconstruct(self.tokenizer.quantise(latents))
        losses = {
            "reconstruction": reconstruction_error(decoded, images, self.recipe.edges),
            "shift": self._change_by_shift(crops[::2], latents[::2]),
            "spread": unevenness(latents),
        }
        total = losses["reconstruction"] + self.recipe.shift * losses["shift"]
        return {"loss": total + self.recipe.spread * losses["spread"], **losses}

    def _noisy(self, images: Tensor) -> Tensor:
        strength = self.recipe.noise * torch.rand_like(images[:, :1, :1, :1])
        return images + strength * torch.randn_like(images)

    def _change_by_shift(self, crops: Tensor, latents: Tensor) -> Tensor:
        """In levels."""
        down, right = ((0, 1), (1, 0), (1, 1))[int(torch.randint(3, ()))]
        size = self.recipe.crop
        moved = self.tokenizer.latents(crops[..., down : down + size, right : right + size])
        return ((moved - latents) * self.tokenizer.levels).abs().mean()


def reconstruction_error(decoded: Tensor, images: Tensor, edges: float) -> Tensor:
    """Mean absolute error of pixels, and of differences between neighbours, summed over scales.

    Args:
        decoded: [N, 3, H, W].
        images: the same, as it should be.
        edges: weight of the differences; the coarsest scale has none.
    """
    error = decoded - images
    total = error.new_zeros(())
    for scale in range(SCALES):
        if scale:
            error = F.avg_pool2d(error, 2)
        total = total + error.abs().mean()
        if scale < SCALES - 1:
            across, along = error.diff(dim=-1).abs().mean(), error.diff(dim=-2).abs().mean()
            total = total + edges * (across + along) / 2
    return total


def unevenness(latents: Tensor) -> Tensor:
    """Mean distance of the sorted values of each channel, [N, C, h, w] in (0, 1), from evenly spread ones."""
    found = latents.transpose(0, 1).flatten(1).sort(dim=1).values
    count = found.shape[1]
    even = (torch.arange(count, device=found.device) + 0.5) / count
    return (found - even).abs().mean()

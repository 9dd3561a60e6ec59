"""DINO's own interpolation of position embeddings.

timm resamples them with antialiasing and to an exact size; DINO resamples without, and by a scale factor
that carries an offset of 0.1 (facebookresearch/dino, `VisionTransformer.interpolate_pos_encoding`).
Features of a size other than the native one differ between the two, so published numbers need DINO's.
"""

import math

import torch
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn
from torch.nn import functional as F

from toto_bench.cards import CardError

OFFSET = 0.1
"""Added to the wanted grid before it becomes a scale factor, against rounding down."""


class DinoVisionTransformer(VisionTransformer):
    """timm's vision transformer with DINO's position embeddings; made by `use_dino_positions`."""

    def _pos_embed(self, x: Tensor) -> Tensor:
        """Patches [N, h, w, D] to tokens [N, 1 + h*w, D], class token first."""
        table, cls = self.pos_embed, self.cls_token
        assert table is not None and cls is not None
        positions = interpolate_like_dino(table[:, 1:], (x.shape[1], x.shape[2]))
        first = (cls + table[:, :1]).expand(x.shape[0], -1, -1)
        tokens: Tensor = self.pos_drop(torch.cat([first, x.flatten(1, 2) + positions], dim=1))
        return tokens


def interpolate_like_dino(positions: Tensor, grid: tuple[int, int]) -> Tensor:
    """Position embeddings [1, n*n, D] for another grid: [1, h*w, D]. The native grid leaves them be."""
    count, dim = positions.shape[1:]
    side = math.isqrt(count)
    if grid == (side, side):
        return positions
    scale = ((grid[0] + OFFSET) / math.sqrt(count), (grid[1] + OFFSET) / math.sqrt(count))
    image = positions.reshape(1, side, side, dim).permute(0, 3, 1, 2).float()
    resized = F.interpolate(image, scale_factor=scale, mode="bicubic", align_corners=False)
    return resized.permute(0, 2, 3, 1).reshape(1, grid[0] * grid[1], dim).to(positions.dtype)


def use_dino_positions(model: nn.Module) -> None:
    """Give a timm vision transformer DINO's interpolation; weights and keys stay as they are.

    Raises:
        CardError: the model is not a plain vision transformer with a class token and square positions.
    """
    plain = (
        type(model) is VisionTransformer
        and model.pos_embed is not None
        and model.num_prefix_tokens == 1
        and not model.no_embed_class
        and math.isqrt(model.pos_embed.shape[1] - 1) ** 2 == model.pos_embed.shape[1] - 1
    )
    if not plain:
        raise CardError(
            '`position_embedding = "dino"` fits a timm VisionTransformer with one class token and a square '
            f'grid, not this {type(model).__name__}: write "timm", or leave it out.'
        )
    # The class adds one method and no state, so the instance can change to it: copies and pickles stay whole.
    model.__class__ = DinoVisionTransformer

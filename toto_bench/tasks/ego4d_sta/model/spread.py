"""Square token maps laid over planes of any size, which share a batch."""

import torch
from torch import Tensor

from toto_bench.tasks.ego4d_sta.model.levels import STRIDES

_COARSEST = STRIDES[-1]


def canvas_of(sizes: Tensor) -> tuple[int, int]:
    """Height and width of the plane that holds all planes of a batch, multiples of the coarsest stride.

    Args:
        sizes: height and width of each plane, [B, 2].
    """
    height, width = (-(-int(side) // _COARSEST) * _COARSEST for side in sizes.amax(0).tolist())
    return height, width


def spread(maps: Tensor, sizes: Tensor, stride: int, *, nearest: bool = False) -> Tensor:
    """Maps that cover their plane, whatever its shape, read at the cells of a level.

    Cell c stands at pixel c x stride, as torchvision's anchors and RoIAlign have it. Between tokens the value is
    linear, and where cells are further apart than tokens it is a weighted mean of those around. Cells beyond the plane
    are zero, but for the first, which RoIAlign reads for boxes that end at the border.

    Matrix products do this in any number type and give the same gradient every time, on a GPU too, which torch's own
    resizing does not.

    Args:
        maps: [B, C, h, w].
        sizes: int64 [B, 2], height and width of each plane in pixels.
        stride: pixels from cell to cell.
        nearest: take the token that lies over the cell, as StillFast's fusion does.

    Returns:
        [B, C, H, W], the canvas of the batch divided by the stride.
    """
    sides = zip(sizes.unbind(1), canvas_of(sizes), maps.shape[-2:], strict=True)
    rows, columns = (
        _weights(lengths, side // stride, tokens, stride, nearest).to(maps.dtype)
        for lengths, side, tokens in sides
    )
    return torch.einsum("bchx,bwx->bchw", torch.einsum("bhy,bcyx->bchx", rows, maps), columns)


def inside(sizes: Tensor, height: int, width: int, stride: int) -> Tensor:
    """Which cells of a level lie on their plane: bool [B, height, width]."""
    rows, columns = (
        torch.arange(cells, device=sizes.device) * stride < sizes[:, side : side + 1]
        for side, cells in enumerate((height, width))
    )
    return rows[:, :, None] & columns[:, None, :]


def _weights(lengths: Tensor, cells: int, tokens: int, stride: int, nearest: bool) -> Tensor:
    """Share of each token in each cell along one side: float32 [B, cells, tokens]."""
    pixels = torch.arange(cells, device=lengths.device) * stride
    place = pixels * tokens / lengths[:, None]
    if nearest:
        over = place.long().clamp(max=tokens - 1)
        shares = torch.nn.functional.one_hot(over, tokens).float()
    else:
        centre = (place - 0.5).clamp(0, tokens - 1)
        reach = (stride * tokens / lengths).clamp_min(1)[:, None, None]
        away = (centre[:, :, None] - torch.arange(tokens, device=lengths.device)).abs()
        shares = (1 - away / reach).clamp_min(0)
        shares = shares / shares.sum(-1, keepdim=True)
    return shares * (pixels < lengths[:, None] + stride)[:, :, None]

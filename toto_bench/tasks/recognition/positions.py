"""Where a token lies, added to it, for heads that have to tell places: attention pooling alone sees a set of tokens."""

from functools import cache

import torch
from torch import Tensor

from toto_bench.backbones.base import Tokens

_AXES = 3
"""Frame, row, column."""


def with_positions(tokens: Tokens) -> Tokens:
    """Patches plus sines and cosines of their frame, row and column, as large as the patches of the clip are.

    Args:
        tokens: of a layer.

    Returns:
        The same, with other patches; prefix tokens have no place.
    """
    patches = tokens.patches
    frames, rows, columns, width = patches.shape[1:]
    codes = _codes(frames, rows, columns, width).to(patches)
    with torch.no_grad():
        scale = patches.float().square().mean((1, 2, 3, 4), keepdim=True).sqrt().to(patches)
    return Tokens(patches + scale * codes, tokens.prefix)


@cache
def _codes(frames: int, rows: int, columns: int, width: int) -> Tensor:
    """[T, h, w, D] of root mean square 1; the channels are shared equally by the axes, and a rest stays zero."""
    count = width // (2 * _AXES)
    if not count:
        return torch.zeros(frames, rows, columns, width)
    found = torch.zeros(frames, rows, columns, width)
    for axis, size in enumerate((frames, rows, columns)):
        places = (torch.arange(size) + 0.5) / size
        # From half a turn over the whole side up to as many turns as neighbours can be told by.
        turns = torch.logspace(-1, torch.log2(torch.tensor(max(size, 2) / 4)).item(), count, base=2)
        angles = 2 * torch.pi * places[:, None] * turns
        shape = [1, 1, 1, 2 * count]
        shape[axis] = size
        first = 2 * count * axis
        found[..., first : first + 2 * count] = torch.cat([angles.sin(), angles.cos()], 1).reshape(shape)
    return found / found.square().mean().sqrt()

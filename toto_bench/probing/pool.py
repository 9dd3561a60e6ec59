"""Tokens as probes read them: one vector for an item, or all patches of its clip in a row."""

from collections.abc import Sequence

import torch
from torch import Tensor

from toto_bench.backbones.base import Tokens
from toto_bench.probing.errors import ProbeError
from toto_bench.probing.settings import Pooling


def patches_of(tokens: Tokens) -> Tensor:
    """All patches of all frames, [B, T' * h * w, D]."""
    return tokens.patches.flatten(1, 3)


def pooled(
    tokens: Tokens, pooling: Pooling, prefix: Sequence[str] = (), *, dtype: torch.dtype | None = None
) -> Tensor:
    """One vector for each item: [B, D], or [B, 2 D] for `cls+average`.

    The [CLS] tokens of several frames are averaged.

    Args:
        tokens: of one layer.
        pooling: which vector.
        prefix: what the prefix tokens are, in order, as `BackboneInfo.prefix` says.
        dtype: of the means; None = that of the tokens.

    Raises:
        ProbeError: the layer has no [CLS] token.
    """
    parts = []
    if pooling != "average":
        parts.append(_cls_of(tokens, prefix).mean(1, dtype=dtype))
    if pooling != "cls":
        parts.append(patches_of(tokens).mean(1, dtype=dtype))
    return torch.cat(parts, 1) if len(parts) > 1 else parts[0]


def width_of(pooling: Pooling, dim: int) -> int:
    """Width of the pooled vector of a layer of width `dim`."""
    return 2 * dim if pooling == "cls+average" else dim


def _cls_of(tokens: Tokens, prefix: Sequence[str]) -> Tensor:
    if tokens.prefix is None or "cls" not in prefix:
        raise ProbeError(
            "The probe reads a [CLS] token, and this backbone has none: choose average or attention pooling."
        )
    return tokens.prefix[:, :, list(prefix).index("cls")]

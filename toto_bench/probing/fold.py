"""Attention of a few fixed queries over many tokens, with keys and values folded into vectors.

A query meets a key through one product, q . (W_k x) = (W_k^T q) . x, so that keys never have to be made; weights sum to
one, so that values are pooled before W_v is applied. Both are exact. An image of N tokens then costs 2 H N D + 2 D^2
products instead of 2 N D^2. What adds the same to all scores of a query (the mean of a batch norm, a bias of the keys)
does not change its softmax, and is left out.
"""

import torch
from torch import Tensor

from toto_bench.probing.moments import Moments


def fold_queries(query: Tensor, key: Tensor, heads: int) -> Tensor:
    """W_k^T q of each query and head, times 1 / sqrt(D / heads): [L, Q, heads, D].

    Args:
        query: [L, Q, D].
        key: [L, D, D], as `nn.Linear` has it (outputs first).
        heads: of the attention.
    """
    queries = torch.unflatten(query, -1, (heads, -1)) * (query.shape[-1] // heads) ** -0.5
    return torch.einsum("lqhe,lhed->lqhd", queries, torch.unflatten(key, 1, (heads, -1)))


def attend(tokens: Tensor, keys: Tensor, moments: Moments | None = None) -> Tensor:
    """Tokens pooled by the softmax of their scores, and averaged over queries: [B, S, heads, D].

    Args:
        tokens: [B, N, D].
        keys: [S, Q, heads, D] folded queries of S probes.
        moments: of each token, [B, N, 1], where tokens are meant after a layer norm without scale and shift.
    """
    rows, flat = tokens.reshape(-1, tokens.shape[-1]), keys.flatten(0, 2)
    scores = (rows @ flat.T).view(*tokens.shape[:2], -1)
    if moments is not None:
        scores = (scores - moments.mean * flat.sum(1)) * moments.rstd
    weights = scores.transpose(1, 2).softmax(-1)
    weights = torch.unflatten(weights, 1, keys.shape[:3]).mean(2).flatten(1, 2)
    if moments is None:
        attended = weights @ tokens
    else:
        weights = weights * moments.rstd.transpose(1, 2)
        attended = weights @ tokens - weights @ moments.mean
    return torch.unflatten(attended, 1, (keys.shape[0], keys.shape[2]))


def apply_values(attended: Tensor, value: Tensor) -> Tensor:
    """W_v on what each head has pooled: [B, D] of [B, heads, D] and [D, D] (outputs first)."""
    by_head = torch.unflatten(value, 0, (attended.shape[1], -1))
    return torch.einsum("bhd,hed->bhe", attended, by_head).flatten(1)

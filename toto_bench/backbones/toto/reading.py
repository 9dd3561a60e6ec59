"""From tokens of frames to the states of a transformer, and back to the shape of the frames."""

from collections.abc import Sequence

import torch
from torch import Tensor

from toto_bench.backbones.base import FinalNorm, Tokens
from toto_bench.backbones.toto.cache import KeyValueCache
from toto_bench.backbones.toto.sequences import Kind, kind_of, start_of
from toto_bench.backbones.toto.transformer import CausalTransformer


def tokens_of(
    model: CausalTransformer,
    inputs: Tensor,
    layers: Sequence[int],
    norm: FinalNorm,
    cache: KeyValueCache | None = None,
) -> list[Tokens]:
    """Tokens [B, T, h, w, D] of the asked layers.

    Args:
        model: that reads.
        inputs: codes [B, T, h, w], or patches [B, T, h, w, 3 * patch**2].
        layers: 0..depth.
        norm: which of them pass the final norm.
        cache: of a stream that these frames go on with, a video from its first frame on, whether others follow or not.
    """
    # What follows in a stream has no start token.
    kind = kind_of(inputs.shape[1]) if cache is None else None if cache.length else "video"
    return shaped(model, model(embed(model, inputs, kind), layers, cache=cache), inputs, layers, norm)


def embed(model: CausalTransformer, inputs: Tensor, kind: Kind | None) -> Tensor:
    """Embeddings [B, N, D] of the start token of a kind, if any, and of all tokens of the frames."""
    config = model.config
    if config.reads_patches:
        tokens = model.embed_patches(inputs.flatten(1, 3))
    else:
        tokens = model.embed_ids(inputs.flatten(1).long() + config.code_offset)
    if kind is None:
        return tokens
    start = torch.full((len(inputs), 1), start_of(kind, config), device=inputs.device)
    return torch.cat([model.embed_ids(start).to(tokens.dtype), tokens], dim=1)


def shaped(
    model: CausalTransformer,
    states: Sequence[Tensor],
    inputs: Tensor,
    layers: Sequence[int],
    norm: FinalNorm,
) -> list[Tokens]:
    """States of layers without the start token, in the shape of the frames that went in."""
    grid = inputs.shape[1:4]
    outputs = []
    for layer, state in zip(layers, states, strict=True):
        patches = state[:, -grid.numel() :]
        if norm == "all" or (norm == "last" and layer == model.config.depth):
            patches = model.norm(patches)
        outputs.append(Tokens(torch.unflatten(patches, 1, grid)))
    return outputs

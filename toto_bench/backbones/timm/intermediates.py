"""Reading the outputs of several layers of a timm model in one pass."""

import inspect
from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn

from toto_bench.backbones.timm.create import TimmModel


class LayerOutput(NamedTuple):
    """Output of one layer for N images, before the final norm."""

    patches: Tensor
    """[N, h, w, D]."""
    prefix: Tensor | None
    """[N, P, D]."""


class _EmbeddingsReached(Exception):  # noqa: N818 (a signal, not an error)
    """Ends a forward pass of which only the embeddings are wanted."""


def is_isotropic(model: TimmModel) -> bool:
    """Whether the model is one list of blocks over one sequence of tokens (ViT, BEiT, EVA)."""
    options = inspect.signature(model.forward_intermediates).parameters
    blocks = getattr(model, "blocks", ())
    return (
        "return_prefix_tokens" in options
        and hasattr(getattr(model, "patch_embed", None), "dynamic_feat_size")
        and len(blocks) == len(model.feature_info)
    )


def read_stages(model: TimmModel, images: Tensor, layers: Sequence[int]) -> dict[int, LayerOutput]:
    """Feature maps of stages 1..depth; `layers` ascending, later stages do not run.

    Args:
        model: a timm CNN or hierarchical transformer.
        images: [N, 3, H, W], normalised.
        layers: which stages.
    """
    maps = model.forward_intermediates(
        images, indices=[layer - 1 for layer in layers], stop_early=True, intermediates_only=True
    )
    return {
        layer: LayerOutput(image.permute(0, 2, 3, 1), None) for layer, image in zip(layers, maps, strict=True)
    }


def read_blocks(model: TimmModel, images: Tensor, layers: Sequence[int]) -> dict[int, LayerOutput]:
    """Tokens of blocks 1..depth, and of the embeddings (0); `layers` ascending, later blocks do not run.

    Args:
        model: a timm model for which `is_isotropic` holds.
        images: [N, 3, H, W], normalised.
        layers: which blocks.
    """
    blocks = [layer for layer in layers if layer > 0]
    grid: tuple[int, int] = model.patch_embed.dynamic_feat_size(tuple(images.shape[-2:]))
    seen: dict[int, Tensor] = {}

    def keep_embeddings(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen[0] = inputs[0]
        if not blocks:
            raise _EmbeddingsReached

    hook = model.blocks[0].register_forward_pre_hook(keep_embeddings) if 0 in layers else None
    try:
        outputs = _block_outputs(model, images, blocks or [1], grid)
    except _EmbeddingsReached:
        outputs = {}
    finally:
        if hook is not None:
            hook.remove()
    if 0 in layers:
        outputs[0] = _split(seen[0], model.num_prefix_tokens, grid)
    return outputs


def _block_outputs(
    model: TimmModel, images: Tensor, blocks: Sequence[int], grid: tuple[int, int]
) -> dict[int, LayerOutput]:
    found = model.forward_intermediates(
        images,
        indices=[block - 1 for block in blocks],
        return_prefix_tokens=model.num_prefix_tokens > 0,
        stop_early=True,
        output_fmt="NLC",
        intermediates_only=True,
    )
    pairs = found if model.num_prefix_tokens else [(patches, None) for patches in found]
    return {
        block: LayerOutput(_as_grid(patches, grid), prefix)
        for block, (patches, prefix) in zip(blocks, pairs, strict=True)
    }


def _as_grid(tokens: Tensor, grid: tuple[int, int]) -> Tensor:
    return tokens.reshape(tokens.shape[0], *grid, tokens.shape[-1])


def _split(tokens: Tensor, prefixes: int, grid: tuple[int, int]) -> LayerOutput:
    prefix = tokens[:, :prefixes] if prefixes else None
    return LayerOutput(_as_grid(tokens[:, prefixes:], grid), prefix)

"""Frames to tokens by a Toto's tokenizers, and whether these fit its transformer."""

import torch
from torch import Tensor

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenizers.base import Tokenizer


def by_frame(tokenizer: Tokenizer, video: Tensor) -> Tensor:
    """Tokens of frames [B, T, 3, H, W]: int32 [B, T, h, w], or float32 [B, T, h, w, 3 * patch**2]."""
    tokens = tokenizer.encode(video.flatten(0, 1))
    return torch.unflatten(tokens if tokens.is_floating_point() else tokens.int(), 0, video.shape[:2])


def untrained(tokenizer: Tokenizer) -> bool:
    """Whether its weights are random, so that its codes mean nothing to a trained transformer."""
    return tokenizer.weights.startswith("random")


def expect_fitting(tokenizer: Tokenizer, config: TotoConfig, *, reads: bool) -> None:
    """Refuse another tokenizer than the configuration names, or one of another vocabulary, whose codes would be none.

    Args:
        tokenizer: of inputs or of targets.
        config: of the transformer.
        reads: whether it makes the inputs.

    Raises:
        UnsupportedInputError: it does not fit the configuration.
    """
    field, named = ("tokenizer", config.tokenizer) if reads else ("target", config.target or config.tokenizer)
    if tokenizer.name != named:
        raise UnsupportedInputError(
            f"The tokenizer `{tokenizer.name}` was given as `{field}`, for which the configuration names `{named}`: "
            "give that one, or make a Toto of a configuration that names the other."
        )
    continuous = config.reads_patches if reads else config.predicts_patches
    vocabulary = None if continuous else config.vocabulary
    changes = []
    if tokenizer.vocabulary != vocabulary:
        changes.append(f"`vocabulary = {tokenizer.vocabulary or 0}`")
    if reads and tokenizer.stride != config.patch:
        changes.append(f"`patch = {tokenizer.stride}`")
    if changes:
        raise UnsupportedInputError(
            f"The tokenizer `{tokenizer.name}` has {tokenizer.vocabulary or 'no'} codes for squares of "
            f"{tokenizer.stride} pixels, and the transformer is made for {vocabulary or 'no'} codes and {config.patch} "
            f"pixels: set {' and '.join(changes)} in the configuration (`architecture.arguments` of a card), or name "
            f"another `{field}` there.{_SHARED if _reads_and_predicts_codes(config) else ''}"
        )


_SHARED = " `tokenizer` and `target` share one vocabulary: name two that have equally many codes."


def _reads_and_predicts_codes(config: TotoConfig) -> bool:
    """Whether two tokenizers give codes."""
    two = config.target not in (None, config.tokenizer)
    return two and not (config.reads_patches or config.predicts_patches)

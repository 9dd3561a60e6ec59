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
    """Refuse a tokenizer of another vocabulary, whose codes would be read as other codes, or as none.

    Args:
        tokenizer: of inputs or of targets.
        config: of the transformer.
        reads: whether it makes the inputs.

    Raises:
        UnsupportedInputError: it does not fit the configuration.
    """
    continuous = config.reads_patches if reads else config.predicts_patches
    vocabulary = None if continuous else config.vocabulary
    if tokenizer.vocabulary != vocabulary or (reads and tokenizer.stride != config.patch):
        raise UnsupportedInputError(
            f"The tokenizer `{tokenizer.name}` has {tokenizer.vocabulary or 'no'} codes for squares of "
            f"{tokenizer.stride} pixels, and the transformer is made for {vocabulary or 'no'} codes and {config.patch} "
            "pixels: choose the tokenizer that it was trained with."
        )

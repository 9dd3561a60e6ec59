"""What a Toto reads, and what it does not: kinds, shapes and codes."""

import torch
from torch import Tensor

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.toto.config import TotoConfig


def check_inputs(inputs: Tensor, config: TotoConfig, name: str) -> None:
    """Refuse what are no codes, or no patches, of a Toto.

    Raises:
        UnsupportedInputError: another kind or shape, or codes outside the vocabulary.
    """
    width = 3 * config.patch**2
    if config.reads_patches:
        fits = inputs.ndim == 5 and inputs.is_floating_point() and inputs.shape[4] == width
        expected = f"float32 patches [B, T, h, w, {width}]"
    else:
        fits = inputs.ndim == 4 and not inputs.is_floating_point() and inputs.dtype != torch.bool
        expected = "integer codes [B, T, h, w]"
    if not fits or 0 in inputs.shape:
        raise UnsupportedInputError(
            f"`{name}` reads {expected}, which `prepare` makes of frames, not {inputs.dtype} {list(inputs.shape)}."
        )
    if not config.reads_patches:
        check_codes(inputs, config, f"`{name}` reads")


def check_codes(codes: Tensor, config: TotoConfig, who: str) -> None:
    """Refuse codes that would be taken for special tokens, for padding of the embedding, or for none.

    Args:
        codes: integers of any shape, from 0.
        config: has their number.
        who: reads or predicts them, for the message.

    Raises:
        UnsupportedInputError: some are outside the vocabulary.
    """
    if codes.is_meta or not codes.numel():
        return
    low, high = torch.stack(codes.aminmax()).tolist()  # one wait for a GPU, not two
    if low < 0 or high >= config.vocabulary:
        raise UnsupportedInputError(
            f"{who} codes of 0..{config.vocabulary - 1}, and these reach from {low} to {high}: give those that its own "
            "tokenizer made, without `code_offset` and special tokens."
        )


def check_targets(targets: Tensor, inputs: Tensor) -> None:
    """Refuse targets of other clips, or on another grid, than the inputs: a token would be predicted elsewhere.

    Raises:
        UnsupportedInputError: they do not fit.
    """
    if targets.shape[:4] != inputs.shape[:4]:
        raise UnsupportedInputError(
            f"The inputs are tokens {list(inputs.shape[:4])} (batch, frames, rows, columns), which targets "
            f"{list(targets.shape)} do not fit: make both of the same frames, with `prepare` and `prepare_targets`."
        )

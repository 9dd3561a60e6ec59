"""Tokenizers: frames to the codes that Toto reads and predicts. Importing this imports no torch."""

from pathlib import Path
from typing import TYPE_CHECKING

from toto_bench.backbones.toto.tokenizers.registry import TOKENIZERS, expect_tokenizer, tokenizer_weights

if TYPE_CHECKING:
    from toto_bench.backbones.toto.tokenizers.base import Tokenizer

__all__ = ["TOKENIZERS", "build_tokenizer", "expect_tokenizer", "load_tokenizer", "tokenizer_weights"]


def build_tokenizer(name: str, *, seed: int = 0) -> "Tokenizer":
    """An untrained tokenizer, in eval mode on the CPU.

    Args:
        name: key of `TOKENIZERS`.
        seed: of its random weights.

    Raises:
        UnknownNameError: there is no such tokenizer.
        RequestError: it needs a package that is not installed.
    """
    from toto_bench.backbones.toto.tokenizers.load import build  # noqa: PLC0415  imports torch

    return build(name, seed)


def load_tokenizer(name: str, *, path: Path | None = None) -> "Tokenizer":
    """A tokenizer with its weights, in eval mode on the CPU.

    Args:
        name: key of `TOKENIZERS`.
        path: file with its weights; None = the shipped file, the weights folder or the hub's cache.

    Raises:
        UnknownNameError: there is no such tokenizer.
        RequestError: it needs a package that is not installed.
        MissingWeightsError: no file was found; the message says where it comes from, its size and licence.
        WeightsError: the file is damaged, does not fit, or holds NaN.
    """
    from toto_bench.backbones.toto.tokenizers.load import load  # noqa: PLC0415  imports torch

    return load(name, path)

"""Normalised patches: MAE's order of pixels, and its variance."""

import pytest
import torch
from torch import Tensor

from toto_bench.backbones.toto.tokenizers import build_tokenizer, load_tokenizer
from toto_bench.backbones.toto.tokenizers.patches import patchify

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def test_pixels_of_a_patch_go_by_row_column_channel() -> None:
    """Each pixel is labelled by where it is."""
    rows, columns, channels = torch.meshgrid(
        torch.arange(32), torch.arange(48), torch.arange(3), indexing="ij"
    )
    labels = (rows * 10_000 + columns * 10 + channels).permute(2, 0, 1)[None].float()
    patches = patchify(labels, 16)
    assert patches.shape == (1, 2, 3, 768)
    expected = labels[0, :, 16:32, 32:48].permute(1, 2, 0).reshape(-1)
    assert torch.equal(patches[0, 1, 2], expected)


def test_patches_are_normalised_one_by_one(frames: Tensor) -> None:
    """By mean and unbiased variance over all their numbers, after ImageNet's statistics."""
    patches = build_tokenizer("patches").encode(frames)
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    square = ((frames[1] - mean) / std)[:, 16:, 32:48].permute(1, 2, 0).reshape(-1)
    expected = (square - square.mean()) / (square.var(unbiased=True) + 1e-6).sqrt()
    torch.testing.assert_close(patches[1, 1, 2], expected)
    torch.testing.assert_close(patches.var(dim=-1, unbiased=True), torch.ones(5, 2, 3), rtol=1e-4, atol=0)


def test_a_patch_of_one_colour_is_finite() -> None:
    """A grey one has the variance of ImageNet's statistics; whatever the colour, nothing is divided by zero."""
    mean = torch.tensor(MEAN)[None, :, None, None].expand(1, 3, 16, 16)
    patches = build_tokenizer("patches").encode(mean)
    assert patches.abs().max() == pytest.approx(0, abs=1e-3)


def test_there_is_nothing_to_load() -> None:
    """And no weights to be missing."""
    tokenizer = load_tokenizer("patches")
    assert tokenizer.weights == "none"
    assert tokenizer.identity == build_tokenizer("patches", seed=5).identity

"""How good a tokenizer is: fidelity, use of its codes, and how steady they are."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from toto_bench.backbones.toto.tokenizers.nano import CODES, STRIDE, NanoTokenizer
from toto_bench.pretraining.views import Pixels

FRAMES = 96
"""That are measured at most."""
NOISE = 0.01
"""Deviation of the noise that codes should survive; pixels are in [0, 1]."""


def measure(tokenizer: NanoTokenizer, frames: Pixels) -> dict[str, float]:
    """Quality on frames.

    Args:
        tokenizer: to measure.
        frames: uint8 [N, R, R, 3]; `FRAMES` of them, evenly chosen, are read.

    Returns:
        `psnr`: mean over frames, in decibels. `codes_used`: share of codes that occur. `perplexity`: exp of the entropy
        of codes (at most the number of codes). `kept_noise`, `kept_shift`: share of codes that stay as they are under
        faint noise, and when the image moves right by a pixel.
    """
    images, moved = _pair(frames, next(tokenizer.parameters()).device)
    codes = tokenizer.encode(images)
    error = (tokenizer.decode(codes) - images).square().mean(dim=(1, 2, 3)).clamp_min(1e-10)
    share = torch.bincount(codes.flatten(), minlength=CODES).double() / codes.numel()
    entropy = -(share * share.clamp_min(1e-12).log()).sum()
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0)).to(images.device)
    return {
        "psnr": float((-10 * error.log10()).mean()),
        "codes_used": float((share > 0).double().mean()),
        "perplexity": float(entropy.exp()),
        "kept_noise": _same(codes, tokenizer.encode((images + NOISE * noise).clamp(0, 1))),
        "kept_shift": _same(codes, tokenizer.encode(moved)),
    }


def to_images(frames: Pixels) -> Tensor:
    """uint8 [N, H, W, 3] to float32 [N, 3, H, W] in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 3, 1, 2).float() / 255


def _pair(frames: Pixels, device: torch.device) -> tuple[Tensor, Tensor]:
    """Images cut to what the tokenizer reads, and the same a pixel further to the right."""
    images = to_images(frames[evenly(len(frames), FRAMES)]).to(device)
    images = F.pad(images, (0, 1, 0, 0), mode="replicate")
    height, width = images.shape[-2] // STRIDE * STRIDE, (images.shape[-1] - 1) // STRIDE * STRIDE
    return images[..., :height, :width], images[..., :height, 1 : width + 1]


def evenly(length: int, count: int) -> list[int]:
    """At most `count` of 0..length-1, the first and the last among them."""
    return sorted({round(value) for value in np.linspace(0, length - 1, min(count, length)).tolist()})


def _same(codes: Tensor, others: Tensor) -> float:
    return float((codes == others).double().mean())

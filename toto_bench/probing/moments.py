"""Mean and scale of tokens: of each channel (batch norm), with running averages, or of each token (layer norm)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

_ROWS = 512
"""Rows at once on a CPU, so that what is computed of them stays in its cache: ten times as fast as `var_mean`."""


class Moments(NamedTuple):
    """What a norm without scale and shift takes away and multiplies by."""

    mean: Tensor
    """Subtracted."""
    rstd: Tensor
    """1 / sqrt(variance + eps)."""


class ChannelMoments(nn.Module):
    """The statistics of `BatchNorm1d(affine=False)`, for several layers of one width, without the normalised copy."""

    mean: Tensor
    variance: Tensor
    following: bool
    """Whether running averages follow the batches of training."""

    def __init__(self, layers: int, width: int, *, eps: float = 1e-6, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.following = True
        self.register_buffer("mean", torch.zeros(layers, width))
        self.register_buffer("variance", torch.ones(layers, width))

    def forward(self, place: int, rows: Tensor) -> Moments:
        """Of the batch in training, which the running averages then follow; else the running averages.

        Args:
            place: of the layer, 0..layers-1.
            rows: [M, D].
        """
        if not self.training:
            return Moments(self.mean[place], (self.variance[place] + self.eps).rsqrt())
        mean, variance = channel_statistics(rows)
        if self.following:
            unbiased = variance.detach() * (len(rows) / max(len(rows) - 1, 1))
            self.mean[place].lerp_(mean.detach(), self.momentum)
            self.variance[place].lerp_(unbiased, self.momentum)
        return Moments(mean, (variance + self.eps).rsqrt())


def channel_statistics(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and biased variance [D] of each column of [M, D]."""
    if rows.requires_grad or rows.device.type != "cpu":
        variance, mean = torch.var_mean(rows, 0, correction=0)
        return mean, variance
    ones = rows.new_ones(_ROWS)
    mean = sum((ones[: len(part)] @ part for part in torch.split(rows, _ROWS)), rows.new_zeros(())) / len(
        rows
    )
    squares = torch.zeros_like(mean)
    for part in torch.split(rows, _ROWS):
        squares += ones[: len(part)] @ (part - mean).square_()
    return mean, squares / len(rows)


def token_moments(tokens: Tensor, eps: float = 1e-5) -> Moments:
    """Of each token, [..., 1] of [..., D], as layer norm takes them."""
    if tokens.requires_grad or tokens.device.type != "cpu":
        variance, mean = torch.var_mean(tokens, -1, correction=0, keepdim=True)
        return Moments(mean, (variance + eps).rsqrt())
    width = tokens.shape[-1]
    found = [
        torch.native_layer_norm(part, [width], None, None, eps)[1:]
        for part in torch.split(tokens.reshape(-1, width), _ROWS)
    ]
    shape = (*tokens.shape[:-1], 1)
    mean, rstd = (torch.cat(parts).reshape(shape) for parts in zip(*found, strict=True))
    return Moments(mean, rstd)

"""Cross-entropy of stacked linear layers, with the closed form of its gradient."""

from typing import Any

import torch
from torch import Tensor


def classification_losses(inputs: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor) -> Tensor:
    """Mean cross-entropy of each of L linear classifiers on inputs of its own: [L].

    The gradient of a logit is its probability minus its target, so that one array in place of autograd's three is
    all that is kept and gone through.

    Args:
        inputs: [L, B, D].
        weight: [L, C, D].
        bias: [L, C], or None.
        targets: int64 [B] classes, or [B, C] shares of classes that sum to one (mix-up, label smoothing).
    """
    losses: Tensor = _StackedCrossEntropy.apply(inputs, weight, bias, targets)
    return losses


class _StackedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor) -> Tensor:
        errors = stacked_linear(inputs, weight, bias)
        errors.sub_(errors.amax(2, keepdim=True))
        if targets.ndim == 1:
            index = targets[None, :, None].expand(len(weight), -1, 1)
            expected = errors.gather(2, index)[:, :, 0]
        else:
            expected = (errors * targets).sum(2)
        total = errors.exp_().sum(2)
        losses = (total.log() - expected).mean(1)
        errors.div_(total[:, :, None])
        if targets.ndim == 1:
            errors.scatter_add_(2, index, errors.new_full((1, 1, 1), -1.0).expand(index.shape))
        else:
            errors.sub_(targets)
        ctx.save_for_backward(inputs, weight, errors)
        ctx.has_bias = bias is not None
        return losses

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:
        inputs, weight, errors = ctx.saved_tensors
        errors = errors * (upstream[0] / errors.shape[1])[:, None, None]
        of_inputs = torch.bmm(errors, weight) if ctx.needs_input_grad[0] else None
        of_weight = torch.bmm(errors.transpose(1, 2), inputs) if ctx.needs_input_grad[1] else None
        of_bias = errors.sum(1) if ctx.has_bias and ctx.needs_input_grad[2] else None
        return of_inputs, of_weight, of_bias, None


def stacked_linear(inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Outputs [L, B, C] of L linear layers; shapes as in `classification_losses`."""
    if bias is None:
        return torch.bmm(inputs, weight.transpose(1, 2))
    return torch.baddbmm(bias[:, None], inputs, weight.transpose(1, 2))

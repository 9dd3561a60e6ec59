"""Parameters that a training does not reach."""

from typing import Any

import torch
from torch import nn

from toto_bench.training.batches import to_device


def freeze_unused(module: nn.Module, batch: Any, device: torch.device) -> None:
    """Parameters that no loss reaches are not trained: copies on several processes would wait for their gradients.

    They are blocks after the last layer that is read, or the head of a backbone whose own loss is left out.

    Args:
        module: on the device; its `forward` takes a batch and returns losses. Buffers stay as they are.
        batch: any.
        device: of the module.
    """
    buffers = {name: value.clone() for name, value in module.named_buffers()}
    module.train()
    module(to_device(batch, device))["loss"].backward()
    for parameter in module.parameters():
        parameter.requires_grad_(parameter.requires_grad and parameter.grad is not None)
        parameter.grad = None
    with torch.no_grad():
        for name, value in module.named_buffers():
            value.copy_(buffers[name])

"""The optimiser of a module's parameters, and the norm of their gradient."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from toto_bench.training.groups import Group
from toto_bench.training.settings import Optimiser


def placed_groups(groups: Sequence[Group], module: nn.Module) -> list[dict[str, Any]]:
    """Groups with the parameters that the module has now, by name: FSDP replaces them."""
    now = dict(module.named_parameters())
    return [{**group, "params": [now[name] for name in group["names"]]} for group in groups]


def adamw(groups: list[dict[str, Any]], numbers: Optimiser, device: torch.device) -> torch.optim.AdamW:
    """AdamW of groups; the loop sets their learning rates at every step."""
    return torch.optim.AdamW(
        groups,
        lr=numbers.learning_rate,
        betas=numbers.betas,
        eps=numbers.eps,
        fused=device.type in ("cpu", "cuda") or None,
    )


def clip_gradients(module: nn.Module, clip: float | None) -> Tensor:
    """Norm of the gradient of all parameters, before it is clipped: a scalar in float32, of all processes together."""
    trained = [parameter for parameter in module.parameters() if parameter.grad is not None]
    norm = nn.utils.get_total_norm([parameter.grad for parameter in trained if parameter.grad is not None])
    if clip is not None:
        nn.utils.clip_grads_with_norm_(trained, clip, norm)
    full: Tensor = norm.full_tensor() if hasattr(norm, "full_tensor") else norm
    return full.float()

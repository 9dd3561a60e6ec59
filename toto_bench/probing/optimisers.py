"""Optimisers of stacked probes: groups with rates and decays of their own; LARS, which torch has not."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.initial import VECTORS
from toto_bench.training.groups import Group

Kind = Literal["adamw", "sgd", "lars"]
"""AdamW (Toto, AIM, V-JEPA), SGD with momentum (DINO, DINOv2), LARS (MAE)."""
_TRUST = 0.001
"""MAE util/lars.py."""


def probe_groups(
    bank: ProbeBank, module: nn.Module | None = None, *, peak: float | None = None
) -> list[Group]:
    """Parameters of all probes, two groups for each setting: matrices, and vectors, which have no weight decay.

    Args:
        bank: of the probes.
        module: that is trained and holds the bank; its names are given.
        peak: learning rate that `scale` is relative to; None = the highest of the settings.
    """
    names = {id(value): name for name, value in (module or bank).named_parameters()}
    peak = max(setting.learning_rate for setting in bank.settings) if peak is None else peak
    groups = []
    for number, setting in enumerate(bank.settings):
        found: dict[bool, list[nn.Parameter]] = {True: [], False: []}
        for stack in bank.all_stacks():
            for name, parameter in stack.probes[number].named_parameters():
                found[name not in VECTORS].append(parameter)
        for matrices, parameters in found.items():
            if parameters:
                groups.append(
                    Group(
                        params=parameters,
                        names=[names[id(parameter)] for parameter in parameters],
                        weight_decay=setting.weight_decay if matrices else 0.0,
                        scale=setting.learning_rate / peak,
                    )
                )
    return groups


def optimiser_of(
    kind: Kind, *, momentum: float = 0.9, betas: tuple[float, float] = (0.9, 0.95)
) -> Callable[[Sequence[Any]], Optimizer]:
    """What makes an optimiser of groups; the loop sets their learning rates at every step.

    Args:
        kind: which.
        momentum: of SGD and LARS.
        betas: of AdamW.
    """

    def make(groups: Sequence[Any]) -> Optimizer:
        device = groups[0]["params"][0].device
        fused = device.type in ("cpu", "cuda") or None
        if kind == "adamw":
            return torch.optim.AdamW(list(groups), betas=betas, fused=fused)
        if kind == "sgd":
            return torch.optim.SGD(list(groups), momentum=momentum, fused=fused)
        return StackedLars(groups, momentum=momentum)

    return make


class StackedLars(Optimizer):
    """LARS as MAE's linear probing has it, with a trust ratio for each slice of a stacked parameter.

    The ratio 0.001 |w| / |g + decay w| (1 where a norm is zero) scales the gradient of matrices before the momentum,
    which the learning rate is not part of; vectors take plain momentum without decay.
    """

    def __init__(self, groups: Sequence[Any], *, lr: float = 1.0, momentum: float = 0.9) -> None:
        super().__init__(list(groups), {"lr": lr, "momentum": momentum, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One update; there is no closure."""
        del closure
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group)

    def _update(self, parameter: Tensor, group: dict[str, Any]) -> None:
        change = parameter.grad
        assert change is not None
        if parameter.ndim > 2:
            change = change.add(parameter, alpha=group["weight_decay"])
            change.mul_(_trust(parameter, change))
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        state["momentum_buffer"].mul_(group["momentum"]).add_(change)
        parameter.add_(state["momentum_buffer"], alpha=-group["lr"])


def _trust(parameter: Tensor, change: Tensor) -> Tensor:
    """Of each slice, broadcast to its parameter."""
    over = tuple(range(1, parameter.ndim))
    weights, changes = (torch.linalg.vector_norm(value, dim=over) for value in (parameter, change))
    ratio = torch.where((weights > 0) & (changes > 0), _TRUST * weights / changes, 1.0)
    return ratio.view(-1, *[1] * (parameter.ndim - 1))

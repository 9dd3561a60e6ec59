"""Groups of parameters: weight decay for matrices only, lower learning rates for layers further from the loss."""

from collections.abc import Callable
from typing import TypedDict

from torch import nn


class Group(TypedDict):
    """What an optimiser of torch takes as a group."""

    params: list[nn.Parameter]
    names: list[str]
    """Of the parameters, in the same order."""
    weight_decay: float
    scale: float
    """Factor on the learning rate."""


def parameter_groups(
    module: nn.Module,
    *,
    weight_decay: float = 0.0,
    layer_decay: float = 1.0,
    layer_of: Callable[[str], int] | None = None,
    depth: int = 0,
) -> list[Group]:
    """Parameters that are trained, grouped by their decay and learning rate.

    Vectors (norms, biases, single special tokens) have no weight decay.

    Args:
        module: whose parameters; frozen ones are left out.
        weight_decay: of matrices.
        layer_decay: factor on the learning rate from each layer to the one before it, 1 = none.
        layer_of: name of a parameter to its layer: 0 = embeddings, `depth` = last block, `depth` + 1 = what is trained
            at the full rate (heads, the final norm), as `Backbone.layer_of` says.
        depth: number of layers.
    """
    groups: dict[tuple[float, float], Group] = {}
    for name, parameter in module.named_parameters():
        if not parameter.requires_grad:
            continue
        distance = 0 if layer_of is None else max(depth + 1 - layer_of(name), 0)
        scale = float(layer_decay**distance)
        decay = weight_decay if parameter.ndim >= 2 else 0.0
        group = groups.setdefault((decay, scale), Group(params=[], names=[], weight_decay=decay, scale=scale))
        group["params"].append(parameter)
        group["names"].append(name)
    return list(groups.values())

"""Pickled modules, read without their code: each class that a file may name becomes one that only holds attributes."""

from collections.abc import Mapping

from torch import Tensor

from toto_bench.backbones.dialects.layout import State

_DEEPEST = 32
"""No module is nested deeper; a file that refers to itself would be."""


class StandIn:
    """What a pickled module becomes: its attributes, nothing that runs."""


def stand_in(name: str) -> type[StandIn]:
    """A class that takes the place of another one in a pickle.

    Args:
        name: `module.Class`, as the pickle has it.
    """
    module, _, own = name.rpartition(".")
    return type(own, (StandIn,), {"__module__": module, "__qualname__": own})


def tensors_within(module: StandIn) -> State:
    """The tensors of a pickled module, under the keys that its state dict would have."""
    return _collected(module, "", _DEEPEST)


def _collected(module: object, prefix: str, levels: int) -> State:
    content = vars(module) if isinstance(module, StandIn) and levels else {}
    parts = [content.get(name) for name in ("_parameters", "_buffers", "_modules")]
    parameters, buffers, modules = (part if isinstance(part, Mapping) else {} for part in parts)
    state = {
        f"{prefix}{name}": value
        for name, value in {**parameters, **buffers}.items()
        if isinstance(value, Tensor)
    }
    for name, child in modules.items():
        state |= _collected(child, f"{prefix}{name}.", levels - 1)
    return state

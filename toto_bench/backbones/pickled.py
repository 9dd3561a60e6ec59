"""Pickled modules, read without their code: each class that a file may name becomes one that only holds attributes."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from toto_bench.backbones.dialects.layout import State
from toto_bench.backbones.errors import UnreadableWeightsError

_DEEPEST = 32
"""No module is nested deeper."""
_MOST = 10_000
"""No module has more parts; those of a hostile file double from level to level."""


class StandIn:
    """What a pickled module becomes: its attributes, nothing that runs."""


def stand_in(name: str) -> type[StandIn]:
    """A class that takes the place of another one in a pickle.

    Args:
        name: `module.Class`, as the pickle has it.
    """
    module, _, own = name.rpartition(".")
    return type(own, (StandIn,), {"__module__": module, "__qualname__": own})


def tensors_within(module: StandIn, path: Path) -> State:
    """The tensors of a pickled module, under the keys that its state dict would have.

    Args:
        module: as it came out of the file.
        path: of the file, for messages.

    Raises:
        UnreadableWeightsError: its parts go on and on, as those of no real module do.
    """
    state: State = {}
    waiting: list[tuple[object, str, tuple[int, ...]]] = [(module, "", ())]
    for _ in range(_MOST):
        if not waiting:
            return state
        part, prefix, above = waiting.pop()
        if id(part) in above:
            raise _refused(path, "it contains itself")
        if len(above) > _DEEPEST:
            raise _refused(path, f"its parts are nested more than {_DEEPEST} deep")
        tensors, children = _content(part)
        if not all(isinstance(name, str) for name in (*tensors, *children)):
            raise _refused(path, "the name of a part is no text")
        state |= {f"{prefix}{name}": value for name, value in tensors.items() if isinstance(value, Tensor)}
        # The last is taken first.
        waiting += [
            (child, f"{prefix}{name}.", (*above, id(part))) for name, child in reversed(children.items())
        ]
    raise _refused(path, f"it has more than {_MOST} parts")


def _content(module: object) -> tuple[dict[object, object], dict[object, object]]:
    """Parameters and buffers, and parts."""
    content = vars(module) if isinstance(module, StandIn) else {}
    parts = [content.get(name) for name in ("_parameters", "_buffers", "_modules")]
    parameters, buffers, modules = (dict(part) if isinstance(part, Mapping) else {} for part in parts)
    return {**parameters, **buffers}, modules


def _refused(path: Path, reason: str) -> UnreadableWeightsError:
    return UnreadableWeightsError(
        f"{path}: holds a whole module, and {reason}, so the file is refused. Save its tensors alone: "
        "torch.save(model.state_dict()), or safetensors."
    )

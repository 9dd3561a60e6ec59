"""Taking a weights file apart: what is inside, and which of it are tensors."""

from collections.abc import Mapping

from torch import Tensor

from toto_bench.backbones.errors import MismatchedWeightsError

State = dict[str, Tensor]
"""Tensors by key."""


def inside(content: Mapping[str, object], *names: str) -> Mapping[str, object]:
    """The state dict under the first of the names that the file has, else the file's content itself."""
    for name in names:
        inner = content.get(name)
        if isinstance(inner, Mapping):
            return inner
    return content


def tensors_of(content: Mapping[str, object]) -> State:
    """The content as a state dict.

    Raises:
        MismatchedWeightsError: it is empty, or holds something else than tensors under names.
    """
    tensors = {
        key: value for key, value in content.items() if isinstance(key, str) and isinstance(value, Tensor)
    }
    if len(tensors) == len(content) and tensors:
        return tensors
    others = ", ".join([f"`{key}`" for key in content if key not in tensors][:8]) or "nothing"
    raise MismatchedWeightsError(f"a state dict holds tensors alone, but this one holds {others}")


def below(tensors: State, prefix: str) -> State:
    """The tensors whose key starts with a prefix, without it."""
    return {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}


def without(tensors: State, *prefixes: str) -> State:
    """The tensors whose key starts with none of the prefixes."""
    return {key: tensor for key, tensor in tensors.items() if not key.startswith(prefixes)}


def unwrapped(tensors: State) -> State:
    """Keys without the `module.` that parallel training puts before them."""
    return {key.removeprefix("module."): tensor for key, tensor in tensors.items()}

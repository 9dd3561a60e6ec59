"""Outputs of submodules, kept as they pass."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from toto_bench.cards import did_you_mean
from toto_bench.errors import RequestError


class _DeepestReached(Exception):  # noqa: N818 (a signal, not an error)
    """Ends a forward pass once every asked layer is there."""


def read_outputs(model: nn.Module, inputs: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
    """Outputs of the named submodules, `""` for the model's own; the pass ends when all of them are there.

    A submodule that runs several times gives its first output. What a later part overwrites in place is kept as it
    was, so that a layer is the same alone and among others.

    Raises:
        RequestError: there is no such submodule, or the pass does not come through it.
    """
    if not names:
        return {}
    wanted = {name: _submodule(model, name) for name in names}
    found: dict[str, Tensor] = {}

    def keep(name: str, output: Any) -> None:
        if name in found:
            return
        found[name] = _first_tensor(output, name)
        if len(found) == len(wanted):
            raise _DeepestReached
        found[name] = found[name].clone()

    hooks = []
    try:
        for name, part in wanted.items():
            hooks.append(part.register_forward_hook(lambda _m, _i, output, name=name: keep(name, output)))
        model(inputs)
    except _DeepestReached:
        pass
    finally:
        for hook in hooks:
            hook.remove()
    if missed := [name for name in names if name not in found]:
        raise RequestError(f"The forward pass of {type(model).__name__} does not come through `{missed[0]}`.")
    return found


def _submodule(model: nn.Module, name: str) -> nn.Module:
    try:
        return model.get_submodule(name)
    except AttributeError as error:
        known = [known for known, _ in model.named_modules() if known]
        raise RequestError(
            f"{type(model).__name__} has no submodule `{name}`{did_you_mean(name, known)}"
        ) from error


def _first_tensor(output: Any, name: str) -> Tensor:
    if isinstance(output, Tensor):
        return output
    parts = output.values() if isinstance(output, Mapping) else output
    if isinstance(parts, Sequence) or isinstance(output, Mapping):
        for part in parts:
            if isinstance(part, Tensor):
                return part
    raise RequestError(
        f"The output of `{name or 'the model'}` is a {type(output).__name__} without a tensor."
    )

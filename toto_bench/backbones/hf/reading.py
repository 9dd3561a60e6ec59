"""Reading the outputs of several blocks of a transformers model in one pass, which ends at the deepest."""

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.hf.library import HfModel

_BLOCKS = ("layers", "encoder.layer", "h")
"""Where models keep their blocks; versions of transformers differ."""
_NORMS = ("layernorm", "encoder.layernorm", "ln_f", "pooler.layernorm")
"""Where they keep the final norm; BEiT that was tuned keeps it behind the pooling."""


class _Reached(Exception):  # noqa: N818 (a signal, not an error)
    """Ends a forward pass of which nothing more is wanted."""


def find_blocks(model: HfModel) -> tuple[str, nn.ModuleList]:
    """The blocks of a model, and their path.

    Raises:
        UnsupportedInputError: this version of transformers keeps them somewhere else.
    """
    for path in _BLOCKS:
        if isinstance(module := _at(model, path), nn.ModuleList):
            return path, module
    raise UnsupportedInputError(
        f"The installed transformers keeps the blocks of {type(model).__name__} where we do not find them: install a "
        "version from 5.0 on that this release knows."
    )


def find_norm(model: HfModel) -> tuple[str, nn.Module] | None:
    """The final norm of a model and its path, if it has one."""
    for path in _NORMS:
        module = _at(model, path)
        if module is not None and not isinstance(module, nn.Identity):
            return path, module
    return None


def read_blocks(blocks: nn.ModuleList, run: Callable[[], object], layers: Sequence[int]) -> dict[int, Tensor]:
    """Outputs [N, tokens, D] of blocks 1..depth, and what enters block 1 (0); later blocks do not run.

    Args:
        blocks: of the model.
        run: starts a forward pass of the whole model.
        layers: which blocks.
    """
    seen: dict[int, Tensor] = {}
    deepest = max(layers)

    def keep(layer: int, tokens: Tensor) -> None:
        if layer in layers:
            seen[layer] = tokens
        if layer == deepest:
            raise _Reached

    hooks = [blocks[0].register_forward_pre_hook(lambda _, inputs: keep(0, inputs[0]))]
    hooks += [
        block.register_forward_hook(lambda _, __, output, layer=layer: keep(layer, _tokens(output)))
        for layer, block in enumerate(blocks[:deepest], start=1)
    ]
    try:
        run()
    except _Reached:
        pass
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def _tokens(output: Any) -> Tensor:
    """Some blocks return their attention weights too."""
    tokens: Tensor = output[0] if isinstance(output, tuple) else output
    return tokens


def _at(model: HfModel, path: str) -> Any:
    module = model
    for name in path.split("."):
        module = getattr(module, name, None)
    return module

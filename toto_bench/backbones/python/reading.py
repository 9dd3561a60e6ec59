"""Reading the outputs of submodules: what is kept, what shape it has, and what that means."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from toto_bench.backbones.base import LayerInfo
from toto_bench.backbones.modes import evaluating
from toto_bench.cards import did_you_mean
from toto_bench.errors import RequestError

Clip = Literal["NCHW", "BTCHW", "BCTHW"]
"""How a model takes frames: one by one, or clips in one of two orders."""


class _DeepestReached(Exception):  # noqa: N818 (a signal, not an error)
    """Ends a forward pass once every asked layer is there."""


class Read(NamedTuple):
    """One layer's output for N images or clips."""

    patches: Tensor
    """[N, t, h, w, D]."""
    prefix: Tensor | None
    """[N, P, D]."""


def read_outputs(model: nn.Module, inputs: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
    """Outputs of the named submodules, `""` for the model's own; the pass ends when all of them are there.

    Raises:
        RequestError: there is no such submodule, or the pass does not come through it.
    """
    if not names:
        return {}
    found: dict[str, Tensor] = {}

    def keep(name: str, output: Any) -> None:
        found[name] = _first_tensor(output, name)
        if len(found) == len(set(names)):
            raise _DeepestReached

    hooks = [
        _submodule(model, name).register_forward_hook(lambda _m, _i, output, name=name: keep(name, output))
        for name in set(names)
    ]
    try:
        model(inputs)
    except _DeepestReached:
        pass
    finally:
        for hook in hooks:
            hook.remove()
    if missed := [name for name in names if name not in found]:
        raise RequestError(f"The forward pass of {type(model).__name__} does not come through `{missed[0]}`.")
    return found


def as_grid(output: Tensor, size: tuple[int, int], prefixes: int, times: int) -> Read:
    """What an output means for images of a size: a map, tokens, or one vector.

    Args:
        output: [N, D, h, w], [N, D, t, h, w], [N, L, D] or [N, D].
        size: height and width of the images.
        prefixes: number of tokens before the patches.
        times: t, the number of steps in time.

    Raises:
        RequestError: it is none of these.
    """
    if output.ndim == 2:
        return Read(output[:, None, None, None, :], None)
    if output.ndim == 4:
        return Read(output.permute(0, 2, 3, 1)[:, None], None)
    if output.ndim == 5:
        return Read(output.permute(0, 2, 3, 4, 1), None)
    if output.ndim != 3:
        raise RequestError(
            f"An output of shape {list(output.shape)} is no layer: it has to be [N, D, h, w], [N, L, D], [N, D] or "
            "[N, D, t, h, w]."
        )
    prefix, patches = output[:, :prefixes], output[:, prefixes:]
    height, width = _grid(patches.shape[1], size, times)
    return Read(patches.reshape(len(output), times, height, width, -1), prefix if prefixes else None)


def layer_shapes(
    model: nn.Module,
    layers: Sequence[str],
    *,
    size: tuple[int, int],
    prefixes: int,
    clip: Clip,
    frames: int,
    tubelet: int,
) -> tuple[LayerInfo, ...]:
    """Width, stride and tubelet of each layer, from a forward pass of zeros; the model is left as it was.

    Raises:
        RequestError: a layer cannot be read, or its grid is not that of square patches.
    """
    names = list(layers) or [""]
    shape = {"NCHW": (1, 3), "BTCHW": (1, frames, 3), "BCTHW": (1, 3, frames)}[clip]
    like = next(model.parameters(), torch.empty(0))
    zeros = torch.zeros(*shape, *size, device=like.device)
    try:
        with evaluating(model), torch.inference_mode():
            outputs = read_outputs(model, zeros, names)
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        raise RequestError(
            f"{type(model).__name__} failed on zeros of shape {list(zeros.shape)}: {error}. Say what it takes with "
            "`image_size`, `clip` and `frames`."
        ) from error
    times = 1 if clip == "NCHW" else frames // tubelet
    return tuple(_info(name, as_grid(outputs[name], size, prefixes, times), size, tubelet) for name in names)


def _info(name: str, read: Read, size: tuple[int, int], tubelet: int) -> LayerInfo:
    height, width, dim = read.patches.shape[2:]
    stride = round(size[0] / height)
    if (math.ceil(size[0] / stride), math.ceil(size[1] / stride)) != (height, width) and height * width > 1:
        raise RequestError(
            f"Layer `{name or 'output'}` has a grid of {height}x{width} for images of {size[0]}x{size[1]}, which is "
            "not one of square patches: name another submodule; maps have to be [N, D, h, w]."
        )
    return LayerInfo(dim, stride, tubelet)


def _grid(count: int, size: tuple[int, int], times: int) -> tuple[int, int]:
    """Rows and columns of `count` tokens: square patches that fill the image, row by row."""
    patches = count // times
    stride = max(1, round(math.sqrt(size[0] * size[1] / max(1, patches))))
    for side in (stride, stride + 1, stride - 1):
        if side > 0:
            rows, columns = size[0] // side, size[1] // side
            for grid in ((rows, columns), (math.ceil(size[0] / side), math.ceil(size[1] / side))):
                if grid[0] * grid[1] * times == count:
                    return grid
    raise RequestError(
        f"{count} tokens are no grid of square patches of images of {size[0]}x{size[1]}: name the tokens before the "
        'patches, for example `prefix=("cls",)`.'
    )


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

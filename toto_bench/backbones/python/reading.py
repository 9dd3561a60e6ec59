"""What the outputs of submodules mean: their shapes, and the grid of patches behind them."""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor, nn

from toto_bench.backbones.base import LayerInfo
from toto_bench.backbones.modes import evaluating
from toto_bench.backbones.python.outputs import read_outputs
from toto_bench.cards import did_you_mean
from toto_bench.errors import RequestError, TotoBenchError

Clip = Literal["NCHW", "BTCHW", "BCTHW"]
"""How a model takes frames: one by one, or clips in one of two orders."""


@dataclass(frozen=True)
class Reading:
    """How a module is read, as `as_backbone` was told."""

    layers: tuple[str, ...]
    """Names of submodules; none = the module's own output."""
    prefix: tuple[str, ...]
    """Tokens before the patches."""
    image_size: tuple[int, int]
    """Height and width that it was made for."""
    any_size: bool
    """Whether it reads other sizes too."""
    clip: Clip
    """What it takes."""
    frames: int
    """Of a clip."""
    tubelet: int
    """Frames that one token stands for."""

    def __post_init__(self) -> None:
        """Refuse what fits no module.

        Raises:
            RequestError: names the value, and what would be right.
        """
        if self.clip not in (clips := get_args(Clip)):
            raise RequestError(f"`clip` = {self.clip!r}{did_you_mean(str(self.clip), clips)}")
        if self.tubelet < 1 or self.frames < 1 or self.frames % self.tubelet:
            raise RequestError(
                f"`frames` = {self.frames} and `tubelet` = {self.tubelet}: a clip consists of whole tubelets, so give "
                "a `frames` that `tubelet` divides."
            )
        if self.clip == "NCHW" and self.frames > 1:
            raise RequestError(
                f'`frames` = {self.frames}, but `clip` is NCHW, frames one by one: say `clip="BTCHW"` or '
                '`"BCTHW"` for a model of clips.'
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The submodules of layers 1, 2, ...; "" is the module itself."""
        return self.layers or ("",)

    @property
    def times(self) -> int:
        """Steps in time of a clip's tokens."""
        return self.frames // self.tubelet


class Read(NamedTuple):
    """One layer's output for N images or clips."""

    patches: Tensor
    """[N, t, h, w, D]."""
    prefix: Tensor | None
    """[N, P, D]."""


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


def layer_shapes(model: nn.Module, reading: Reading) -> tuple[LayerInfo, ...]:
    """Width, stride and tubelet of each layer, from a forward pass of zeros; the model is left as it was.

    A vector of a clip stands for all of its frames.

    Raises:
        RequestError: a layer cannot be read, its grid is not that of square patches, or its time is not the tubelets'.
    """
    outputs = _outputs_of_zeros(model, reading)
    return tuple(_info(name, outputs[name], reading) for name in reading.names)


def _outputs_of_zeros(model: nn.Module, reading: Reading) -> dict[str, Tensor]:
    frames = reading.frames
    shape = {"NCHW": (1, 3), "BTCHW": (1, frames, 3), "BCTHW": (1, 3, frames)}[reading.clip]
    like = next(model.parameters(), torch.empty(0))
    zeros = torch.zeros(*shape, *reading.image_size, device=like.device, dtype=torch.float32)
    try:
        with evaluating(model), torch.no_grad():
            return read_outputs(model, zeros, reading.names)
    except TotoBenchError:
        raise
    except Exception as error:
        reason = next((line for line in str(error).splitlines() if line), "it says no more").rstrip(".")
        raise RequestError(
            f"{type(model).__name__} failed on zeros of shape {list(zeros.shape)} with {type(error).__name__}: "
            f"{reason}. Say what it takes with `image_size`, `clip` and `frames`; a forward that takes more than one "
            "tensor needs a module around it."
        ) from error


def _info(name: str, output: Tensor, reading: Reading) -> LayerInfo:
    called, size = f"Layer `{name or 'output'}`", reading.image_size
    read = as_grid(output, size, len(reading.prefix), reading.times)
    steps, height, width, dim = read.patches.shape[1:]
    vector = output.ndim == 2
    if steps != reading.times and not vector:
        raise RequestError(
            f"{called} has {steps} steps in time for {reading.frames} frames, not the {reading.times} of "
            f"`tubelet` = {reading.tubelet}: `tubelet` is the number of frames that one step stands for."
        )
    stride = round(size[0] / height)
    if (math.ceil(size[0] / stride), math.ceil(size[1] / stride)) != (height, width) and height * width > 1:
        raise RequestError(
            f"{called} has a grid of {height}x{width} for images of {size[0]}x{size[1]}, which is not one of square "
            "patches: name another submodule; maps have to be [N, D, h, w]."
        )
    return LayerInfo(dim, stride, reading.frames if vector else reading.tubelet)


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
    steps = "" if times == 1 else f" in {times} steps of time (`frames` / `tubelet`)"
    raise RequestError(
        f"{count} tokens are no grid of square patches of images of {size[0]}x{size[1]}{steps}: name the tokens "
        'before the patches, for example `prefix=("cls",)`.'
    )

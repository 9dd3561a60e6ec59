"""Multiply-accumulates of a backbone, counted from shapes alone."""

import copy
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.seeding import seeded
from toto_bench.tasks.context import INPUT_STATE, RunContext


class Macs(NamedTuple):
    """A count, and what it is of."""

    number: int | None
    """Multiply-accumulates; None where they cannot be counted."""
    of: str | None
    """`one frame of 480x854`, or `one clip of 16x224x224`."""


def macs_of_run(backbone: Backbone, context: RunContext) -> Macs:
    """The count for what the task said of its inputs; nothing where it said nothing (features of the store)."""
    known = context.load_state(INPUT_STATE)
    if known is None:
        return Macs(None, None)
    count = count_macs(backbone, (1, *known["inputs"]), known["layers"], getattr(torch, known["dtype"]))
    return Macs(count, None if count is None else _in_words(known["video"]))


def count_macs(
    backbone: Backbone, shape: tuple[int, ...], layers: Sequence[int], dtype: torch.dtype = torch.float32
) -> int | None:
    """Multiply-accumulates of one pass through `forward_layers`, to the deepest of the layers.

    Counted are convolutions and products of matrices, those of attention too; not counted are norms, activations,
    pooling, interpolation and whatever else goes element by element. A copy without data runs on torch's `meta` device:
    the backbone, its memory and the state of the random generators stay as they are.

    None where that is not possible: the model looks at values (not only at shapes), holds a tensor where it cannot be
    found (a closure), calls code that is not torch's, or cannot be copied.

    Args:
        backbone: on any device.
        shape: of the prepared inputs, batch included.
        layers: that are read.
        dtype: of the prepared inputs; an integer type for token ids.
    """
    try:
        counted = _without_data(backbone)
        with seeded(0), torch.no_grad(), FlopCounterMode(display=False) as counter:
            counted.forward_layers(torch.empty(shape, dtype=dtype, device="meta"), layers)
    except Exception:  # noqa: BLE001  any model may be here, and a finished run is worth more than its cost
        return None
    return int(counter.get_total_flops()) // 2


def _without_data(backbone: Backbone) -> Backbone:
    """A copy whose tensors are on `meta`: parameters, buffers, and what modules hold as plain attributes."""
    tensors = (value for module in backbone.modules() for value in _tensors_of(module))
    return copy.deepcopy(backbone, {id(tensor): _on_meta(tensor) for tensor in tensors})


def _tensors_of(module: nn.Module) -> list[Tensor]:
    own = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
    return own + [value for value in vars(module).values() if isinstance(value, Tensor)]


def _on_meta(tensor: Tensor) -> Tensor:
    empty = torch.empty_like(tensor, device="meta")
    return nn.Parameter(empty, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty


def _in_words(video: Sequence[int]) -> str:
    """Of frames [T, 3, H, W]."""
    frames, _, height, width = video
    return f"one frame of {height}x{width}" if frames == 1 else f"one clip of {frames}x{height}x{width}"

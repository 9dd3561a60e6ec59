"""Which features of a backbone a policy reads, for tasks that teach one."""

from collections.abc import Sequence

import torch

from toto_bench.backbones.base import Backbone, BackboneInfo, UnsupportedInputError
from toto_bench.errors import RequestError
from toto_bench.probing.settings import Pooling
from toto_bench.tasks.choices import FALLBACK_SIDE
from toto_bench.tasks.context import RunContext

POOLING: dict[str, Pooling] = {"mean": "average", "cls": "cls"}
"""By the cards' names."""


def read_layers(layer: str | int | tuple[int, ...], info: BackboneInfo) -> tuple[int, ...]:
    """The layers that are read, in order, each once: `half-depth` (rounded up), `last`, `all`, or numbers.

    Raises:
        UnsupportedInputError: the backbone has no such layer.
        RequestError: no layer is named.
    """
    if layer == "all":
        return tuple(range(1, info.depth + 1))
    if isinstance(layer, str):
        return (-(-info.depth // 2) if layer == "half-depth" else info.depth,)
    chosen = tuple(sorted({layer} if isinstance(layer, int) else set(layer)))
    if not chosen:
        raise RequestError("`layer` names no layer: give a number, several as `--set layer=[2,4]`, or `all`.")
    for number in chosen:
        if number != 0:
            info.layer(number)
    return chosen


def expect_token(pooling: str, info: BackboneInfo) -> None:
    """Refuse a backbone without the token that the pooling reads.

    Raises:
        UnsupportedInputError: it has none.
    """
    if pooling == "cls" and "cls" not in info.prefix:
        raise UnsupportedInputError(
            f"`{info.name}` has no [CLS] token, which `pooling = cls` reads: take `--set pooling=mean`."
        )


def read_side(resolution: int | str, info: BackboneInfo) -> int:
    """The side of the square that pictures are resized to; a backbone of clips sees a picture that stands still.

    Raises:
        UnsupportedInputError: the backbone reads another size only.
    """
    needed = info.image_size
    if isinstance(resolution, str):
        return needed[0] if needed else info.native_size or FALLBACK_SIDE
    if needed not in (None, (resolution, resolution)):
        raise UnsupportedInputError(
            f"`{info.name}` reads images of {needed[0]}x{needed[1]} only: take `--set resolution=backbone`."
        )
    return resolution


def describe_picture(context: RunContext, backbone: Backbone, side: int, layers: Sequence[int]) -> None:
    """Say what the backbone reads at each step, so that its cost can be counted.

    Args:
        context: of the run, whose device has the backbone.
        backbone: the frozen one.
        side: of the square pictures, in pixels.
        layers: that are read.
    """
    info = backbone.info
    frames = info.frames or max(each.tubelet for each in info.layers)
    video = torch.zeros(1, frames, 3, side, side, device=context.device)
    with torch.inference_mode():
        context.describe_input(video, backbone.prepare(video), layers)

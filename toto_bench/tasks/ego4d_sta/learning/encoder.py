"""From pixels to what can be kept of them: token ids of a backbone that is trained, maps of one that is not."""

from typing import Literal

import torch
from torch import Tensor

from toto_bench.backbones.base import Backbone
from toto_bench.errors import DataError
from toto_bench.features.prepared import keeps_ids
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.ego4d_sta.model.model import StaModel
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol
from toto_bench.tasks.encoding import NotFiniteError

Kind = Literal["maps", "ids", "pixels"]
"""What a model is given: kept maps of a frozen backbone, kept token ids, or pixels that are decoded each time."""
INPUTS = "inputs"
"""Key of ids: int32 [B, T, h, w]."""
PIXELS = "pixels"
"""Key of pixels: uint8 [B, T, R, R, 3]."""


def kind_of(protocol: EgoStaProtocol, backbone: Backbone) -> Kind:
    """What is kept for a backbone: nothing of one that is trained and reads pixels."""
    if protocol.adaptation == "frozen":
        return "maps"
    wants_others = protocol.self_supervised_weight > 0 and predicts_others(backbone)
    return "ids" if keeps_ids(backbone) and not wants_others else "pixels"


def predicts_others(backbone: Backbone) -> bool:
    """Whether a backbone predicts the tokens of another tokenizer than it reads."""
    target = getattr(backbone, "target", None)
    return target is not None and target is not getattr(backbone, "tokenizer", None)


def map_key(number: int) -> str:
    """Key of a map, [B, D, h, w], of the pyramid's layers in their order."""
    return f"maps.{number}"


def video_of(pixels: Tensor, device: str | torch.device) -> Tensor:
    """Clips uint8 [B, T, R, R, 3] as float32 [B, T, 3, R, R] in [0, 1], on a device."""
    return pixels.to(device, non_blocking=True).permute(0, 1, 4, 2, 3).float().div(255)


class Encoder:
    """Makes what is kept."""

    def __init__(self, model: StaModel, backbone: Backbone, kind: Kind, context: RunContext) -> None:
        """On the run's device.

        Args:
            model: makes maps.
            backbone: that tokenises.
            kind: what is made.
            context: of the run.
        """
        self.model, self.backbone, self.kind, self.context = model, backbone, kind, context

    @torch.no_grad()
    def __call__(self, pixels: Tensor) -> dict[str, Tensor]:
        """What is kept of clips uint8 [B, T, R, R, 3], on the CPU: ids, or maps in half precision.

        Raises:
            NotFiniteError: the backbone gave NaN or infinite values.
            DataError: values are too large for half precision.
        """
        if self.kind == "pixels":
            return {PIXELS: pixels}
        context = self.context
        video = video_of(pixels, context.device)
        inputs = context.prepare(self.backbone, video)
        context.describe_input(video, inputs, sorted(set(self.model.layers)))
        if self.kind == "ids":
            return {INPUTS: inputs.int().cpu()}
        dtype = getattr(torch, context.dtype)
        with torch.autocast(torch.device(context.device).type, dtype, enabled=dtype != torch.float32):
            maps = self.model.maps(inputs)
        return {map_key(number): self._half(each) for number, each in enumerate(maps)}

    def _half(self, values: Tensor) -> Tensor:
        name = self.backbone.info.name
        if not bool(values.isfinite().all()):
            raise NotFiniteError(
                f"`{name}` gave NaN or infinite features. Check its weights; half precision overflows sooner than "
                "`--dtype float32`."
            )
        half = values.half()
        if not bool(half.isfinite().all()):
            raise DataError(
                f"Features of `{name}` are too large to be kept in half precision: fine-tune it with "
                "`--set adaptation=fine-tune`, or take another backbone."
            )
        return half.cpu().contiguous()

"""The model as the training loop calls it: batches of tensors by name in, losses out."""

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from toto_bench.backbones.base import Backbone
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.ego4d_sta.learning.batches import COUNTS, OBJECTS, SIZES, STILLS
from toto_bench.tasks.ego4d_sta.learning.encoder import INPUTS, PIXELS, map_key, predicts_others, video_of
from toto_bench.tasks.ego4d_sta.model.batch import Batch, Detections, Targets
from toto_bench.tasks.ego4d_sta.model.model import StaModel


class StaOnBatches(nn.Module):
    """Turns batches into what the model reads; tokenises pixels, each frame alone."""

    def __init__(self, model: StaModel, backbone: Backbone, context: RunContext, *, weight: float) -> None:
        """On the run's device.

        Args:
            model: that is trained.
            backbone: that tokenises pixels.
            context: of the run.
            weight: of the backbone's own loss.
        """
        super().__init__()
        self.model = model
        self.context, self.weight = context, weight
        object.__setattr__(self, "backbone", backbone)  # it is a part of the model, or not trained at all

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Losses of the model."""
        losses: dict[str, Tensor] = self.model(self._batch(batch, learning=True))
        return losses

    @torch.no_grad()
    def detect(self, batch: Mapping[str, Tensor]) -> list[Detections]:
        """Predictions for each image; call `eval()` first."""
        kind, dtype = torch.device(self.context.device).type, getattr(torch, self.context.dtype)
        with torch.autocast(kind, dtype, enabled=dtype != torch.float32):
            return self.model.detect(self._batch(batch, learning=False))

    def _batch(self, batch: Mapping[str, Tensor], *, learning: bool) -> Batch:
        inputs, following = batch.get(INPUTS), None
        if PIXELS in batch:
            inputs, following = self._prepared(batch[PIXELS], learning=learning)
        maps = None
        if map_key(0) in batch:
            numbers = range(sum(name.startswith(map_key(0)[:-1]) for name in batch))
            maps = [batch[map_key(number)].float() for number in numbers]
        return Batch(
            inputs=inputs,
            maps=maps,
            sizes=batch[SIZES],
            stills=batch.get(STILLS),
            targets=_targets(batch) if learning else None,
            next=following,
        )

    @torch.no_grad()
    def _prepared(self, pixels: Tensor, *, learning: bool) -> tuple[Tensor, Tensor | None]:
        backbone = cast(Backbone, self.backbone)
        video = video_of(pixels, self.context.device)
        inputs = backbone.prepare(video)
        self.context.describe_input(video, inputs, sorted(set(self.model.layers)))
        wanted = learning and self.weight and predicts_others(backbone)
        return inputs, backbone.prepare_targets(video) if wanted else None  # type: ignore[operator]


def _targets(batch: Mapping[str, Tensor]) -> list[Targets]:
    counts = batch[COUNTS].tolist()
    return [
        Targets(*parts) for parts in zip(*(torch.split(batch[name], counts) for name in OBJECTS), strict=True)
    ]

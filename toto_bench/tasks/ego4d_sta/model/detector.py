"""From token maps to losses or predictions: the part of the model that is no backbone."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.ops import clip_boxes_to_image

from toto_bench.tasks.ego4d_sta.model.batch import Detections, Targets
from toto_bench.tasks.ego4d_sta.model.heads import Heads
from toto_bench.tasks.ego4d_sta.model.proposals import Proposals
from toto_bench.tasks.ego4d_sta.model.pyramid import Pyramid
from toto_bench.tasks.ego4d_sta.model.selection import SMALLEST, Scored, select
from toto_bench.tasks.ego4d_sta.model.spread import canvas_of
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol


class Detector(nn.Module):
    """Pyramid, proposals and heads. It computes in float32 whatever the autocast: boxes are finer than bfloat16."""

    def __init__(
        self,
        dims: Sequence[int],
        protocol: EgoStaProtocol,
        nouns: int,
        verbs: int,
        still_weights: Path | None = None,
    ) -> None:
        """Untrained.

        Args:
            dims: widths of the tokens of the layers.
            protocol: its model part.
            nouns: number of nouns.
            verbs: number of verbs.
            still_weights: of the still branch, if there is one; None = untrained.

        Raises:
            WeightsError: that file is damaged or does not fit.
        """
        super().__init__()
        self.protocol = protocol
        self.pyramid = Pyramid(dims, protocol, still_weights)
        self.proposals = Proposals(protocol.pyramid_channels, protocol.anchor_side)
        self.heads = Heads(protocol, nouns, verbs)

    def forward(
        self, maps: Sequence[Tensor], sizes: Tensor, targets: list[Targets], stills: Tensor | None = None
    ) -> dict[str, Tensor]:
        """The losses `noun`, `verb`, `ttc`, `box`, `objectness` and `rpn_box`, without weights; in training mode.

        Args:
            maps: one for each layer, [B, D, h, w].
            sizes: int64 [B, 2], height and width of each plane.
            targets: the objects of each image.
            stills: float32 [B, 3, H, W] in [0, 1], with the still branch only.
        """
        with torch.autocast(sizes.device.type, enabled=False):
            shapes, canvas = _shapes(sizes), canvas_of(sizes)
            levels = self.pyramid([part.float() for part in maps], sizes, stills)
            wanted = [learnable(each, shape) for each, shape in zip(targets, shapes, strict=True)]
            proposals, losses = self.proposals(levels, shapes, canvas, [each.boxes for each in wanted])
            return {**losses, **self.heads.losses(levels, proposals, sizes, canvas, wanted)}

    def detect(self, maps: Sequence[Tensor], sizes: Tensor, stills: Tensor | None = None) -> list[Detections]:
        """The predictions of each image, in eval mode.

        Images are read one by one, so that none depends on the size of those beside it.
        """
        return [
            self._detect(
                [part[row : row + 1] for part in maps],
                sizes[row : row + 1],
                None if stills is None else stills[row : row + 1],
            )
            for row in range(len(sizes))
        ]

    def _detect(self, maps: Sequence[Tensor], sizes: Tensor, stills: Tensor | None) -> Detections:
        with torch.autocast(sizes.device.type, enabled=False):
            (shape,), canvas = _shapes(sizes), canvas_of(sizes)
            levels = self.pyramid([part.float() for part in maps], sizes, stills)
            proposals, _ = self.proposals(levels, [shape], canvas)
            outputs = self.heads(levels, proposals, sizes, canvas)
            boxes = self.heads.boxes.box_coder.decode(outputs.deltas, proposals)
            scored = Scored(boxes, outputs.nouns, outputs.verbs, outputs.ttc)
            return select(scored, shape, self.protocol)


def learnable(targets: Targets, size: tuple[int, int]) -> Targets:
    """The objects with boxes cut to the plane, but for those without area, as StillFast drops them in training."""
    boxes = clip_boxes_to_image(targets.boxes.float(), size)
    keep = (boxes[:, 2:] - boxes[:, :2] >= SMALLEST).all(-1)
    return Targets(boxes[keep], targets.nouns[keep], targets.verbs[keep], targets.ttc[keep].float())


def _shapes(sizes: Tensor) -> list[tuple[int, int]]:
    return [(int(height), int(width)) for height, width in sizes.tolist()]

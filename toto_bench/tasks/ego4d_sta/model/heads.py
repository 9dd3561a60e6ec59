"""What is in a proposal: noun, box, verb and time to contact (StillFast, commit 199ba490, heads of version 2)."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.roi_heads import RoIHeads, fastrcnn_loss
from torchvision.ops import MultiScaleRoIAlign

from toto_bench.tasks.ego4d_sta.model.batch import Targets
from toto_bench.tasks.ego4d_sta.model.levels import NAMES, STRIDES, TOP
from toto_bench.tasks.ego4d_sta.model.spread import inside
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol

WIDTH = 1024
"""Of the features of a box."""
_POOLED = 7
"""Cells per side that a box is read as."""


class Outputs(NamedTuple):
    """Of all proposals of a batch, one image after the other."""

    nouns: Tensor
    """Logits [N, K + 1], the background first."""
    deltas: Tensor
    """Of the boxes of each noun, [N, 4 * (K + 1)], as torchvision codes them."""
    verbs: Tensor
    """Logits [N, V + 1], the background first."""
    ttc: Tensor
    """Seconds [N], positive."""


class Heads(nn.Module):
    """Features of each proposal, joined with the whole picture's, and four linear layers on them.

    Sampling, pooling, the box head and the losses of noun and box are torchvision's.
    """

    def __init__(self, protocol: EgoStaProtocol, nouns: int, verbs: int) -> None:
        """Untrained.

        Args:
            protocol: its model part.
            nouns: number of nouns.
            verbs: number of verbs.
        """
        super().__init__()
        channels = protocol.pyramid_channels
        self.boxes = RoIHeads(
            MultiScaleRoIAlign([name for name in NAMES if name != TOP], _POOLED, sampling_ratio=0),
            TwoMLPHead(channels * _POOLED**2, WIDTH),
            FastRCNNPredictor(WIDTH, nouns + 1),
            fg_iou_thresh=0.5,
            bg_iou_thresh=0.5,
            batch_size_per_image=256,
            positive_fraction=0.25,
            bbox_reg_weights=(10.0, 10.0, 5.0, 5.0),
            score_thresh=protocol.score_threshold,
            nms_thresh=protocol.nms_iou,
            detections_per_img=protocol.detections_per_image,
        )
        self.mapper: nn.Module | None = None
        if protocol.roi_fusion == "concat_residual":
            self.mapper = nn.Sequential(
                nn.Linear(WIDTH + channels, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH)
            )
        self.verb = nn.Linear(WIDTH, verbs + 1)
        self.ttc = nn.Linear(WIDTH, 1)

    def forward(
        self, levels: dict[str, Tensor], proposals: list[Tensor], sizes: Tensor, canvas: tuple[int, int]
    ) -> Outputs:
        """What the proposals hold.

        Args:
            levels: of the pyramid.
            proposals: [n, 4] for each image.
            sizes: int64 [B, 2], height and width of each plane.
            canvas: that of the batch.
        """
        # Levels cover the canvas, so that it tells their scales.
        pooled = self.boxes.box_roi_pool(levels, proposals, [canvas] * len(proposals))
        features = self.boxes.box_head(pooled)
        if self.mapper is not None:
            counts = torch.tensor([len(each) for each in proposals], device=sizes.device)
            whole = _mean(levels[TOP], sizes).repeat_interleave(counts, dim=0, output_size=len(features))
            features = features + self.mapper(torch.cat([features, whole], dim=-1))
        nouns, deltas = self.boxes.box_predictor(features)
        return Outputs(nouns, deltas, self.verb(features), F.softplus(self.ttc(features)).squeeze(-1))

    def losses(
        self,
        levels: dict[str, Tensor],
        proposals: list[Tensor],
        sizes: Tensor,
        canvas: tuple[int, int],
        targets: list[Targets],
    ) -> dict[str, Tensor]:
        """`noun`, `box`, `verb` and `ttc`, over proposals that are sampled at random.

        Args:
            levels: of the pyramid.
            proposals: [n, 4] for each image.
            sizes: int64 [B, 2], height and width of each plane.
            canvas: that of the batch.
            targets: the objects, none of them without area.
        """
        wanted = [{"boxes": each.boxes, "labels": each.nouns + 1} for each in targets]
        proposals, matched, labels, deltas = self.boxes.select_training_samples(proposals, wanted)
        outputs = self(levels, proposals, sizes, canvas)
        noun, box = fastrcnn_loss(outputs.nouns, outputs.deltas, labels, deltas)
        found = torch.cat(labels) > 0
        verbs = torch.cat([_of(each.verbs + 1, rows) for each, rows in zip(targets, matched, strict=True)])
        times = torch.cat([_of(each.ttc, rows) for each, rows in zip(targets, matched, strict=True)])
        # A sum over no objects is zero and has a gradient of zeros, where a mean would be NaN.
        late = F.smooth_l1_loss(outputs.ttc[found], times[found], reduction="sum") / found.sum().clamp_min(1)
        return {"noun": noun, "box": box, "verb": F.cross_entropy(outputs.verbs, verbs * found), "ttc": late}


def _of(values: Tensor, rows: Tensor) -> Tensor:
    """The value of the object that each proposal is matched to; zero in an image without objects."""
    return values[rows] if len(values) else values.new_zeros(len(rows))


def _mean(level: Tensor, sizes: Tensor) -> Tensor:
    """Mean of the cells on each plane, [B, C]: what pads it to the batch's canvas does not count."""
    height, width = level.shape[-2:]
    mask = inside(sizes, height, width, STRIDES[-1])[:, None].to(level.dtype)
    return (level * mask).sum((-2, -1)) / mask.sum((-2, -1))

"""Where objects may be: torchvision's region proposal network, with the numbers of torchvision and StillFast."""

import torch
from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead

from toto_bench.tasks.ego4d_sta.model.levels import NAMES

RATIOS = (0.5, 1.0, 2.0)
"""Height to width of the anchors."""


class Proposals(nn.Module):
    """Boxes that may hold an object, of any kind."""

    def __init__(self, channels: int, side: int) -> None:
        """Untrained.

        Args:
            channels: of the levels.
            side: of the anchors of the finest level, in pixels; it doubles from level to level.
        """
        super().__init__()
        sides = tuple((side * 2**level,) for level in range(len(NAMES)))
        anchors = AnchorGenerator(sides, (RATIOS,) * len(NAMES))
        self.rpn = RegionProposalNetwork(
            anchors,
            RPNHead(channels, len(RATIOS)),
            fg_iou_thresh=0.7,
            bg_iou_thresh=0.3,
            batch_size_per_image=256,
            positive_fraction=0.5,
            pre_nms_top_n={"training": 2000, "testing": 1000},
            post_nms_top_n={"training": 2000, "testing": 1000},
            nms_thresh=0.7,
        )

    def forward(
        self,
        levels: dict[str, Tensor],
        sizes: list[tuple[int, int]],
        canvas: tuple[int, int],
        boxes: list[Tensor] | None = None,
    ) -> tuple[list[Tensor], dict[str, Tensor]]:
        """Proposals [n, 4] of each image, best first, and in training the losses `objectness` and `rpn_box`.

        Args:
            levels: of the pyramid.
            sizes: height and width of each plane.
            canvas: that of the batch.
            boxes: of the objects, [n, 4] for each image; needed in training.
        """
        # Of the pictures, only the size of the batch is read.
        pictures = ImageList(torch.empty(len(sizes), 3, *canvas, device="meta"), sizes)
        wanted = None if boxes is None else [{"boxes": each} for each in boxes]
        proposals, losses = self.rpn(pictures, levels, wanted)
        if not losses:
            return proposals, {}
        return proposals, {"objectness": losses["loss_objectness"], "rpn_box": losses["loss_rpn_box_reg"]}

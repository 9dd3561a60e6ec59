"""Token maps, and the maps of the still, to the levels of a feature pyramid."""

from collections.abc import Sequence
from pathlib import Path

import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from toto_bench.tasks.ego4d_sta.model.levels import NAMES, STRIDES
from toto_bench.tasks.ego4d_sta.model.spread import spread
from toto_bench.tasks.ego4d_sta.model.still import CHANNELS, Fusion, StillBranch
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol


class Pyramid(nn.Module):
    """One map for each level, mapped to the pyramid's channels, laid over the plane, and joined from the top down.

    Five layers make five levels, at strides 4 to 64. StillFast has four, and subsamples the last one for a fifth: so it
    is with four layers. The fifth level is called `pool` either way.
    """

    def __init__(
        self, dims: Sequence[int], protocol: EgoStaProtocol, still_weights: Path | None = None
    ) -> None:
        """Untrained.

        Args:
            dims: widths of the tokens of the layers, from the finest level to the coarsest; four or five.
            protocol: its model part.
            still_weights: of the still branch, if there is one; None = untrained.

        Raises:
            WeightsError: that file is damaged or does not fit.
        """
        super().__init__()
        self.channels = channels = protocol.pyramid_channels
        self.normed = protocol.map_norm == "layer"
        self.project = nn.ModuleList(nn.Conv2d(dim, channels, 1) for dim in dims)
        self.still: StillBranch | None = None
        laterals = [channels] * len(dims)
        if protocol.still_branch:
            self.still = StillBranch(still_weights)
            laterals[: len(CHANNELS)] = CHANNELS
            self.fusions = nn.ModuleList(Fusion(channels, still) for still in CHANNELS)
        extra = LastLevelMaxPool() if len(dims) < len(NAMES) else None
        self.fpn = FeaturePyramidNetwork(laterals, channels, extra_blocks=extra)

    def forward(
        self, maps: Sequence[Tensor], sizes: Tensor, stills: Tensor | None = None
    ) -> dict[str, Tensor]:
        """The five levels by name, [B, C, H / stride, W / stride] of the batch's canvas.

        Args:
            maps: one for each layer, [B, D, h, w], covering the plane.
            sizes: int64 [B, 2], height and width of each plane.
            stills: float32 [B, 3, H, W] in [0, 1], zero padded; with the still branch only.
        """
        projected = [project(self._norm(part)) for project, part in zip(self.project, maps, strict=True)]
        others: list[Tensor] = []
        if self.still is not None:
            assert stills is not None
            others = self.still(stills, sizes)
        levels: dict[str, Tensor] = {}
        for level, (name, stride, part) in enumerate(zip(NAMES, STRIDES, projected, strict=False)):
            meets = level < len(others)
            laid = spread(part, sizes, stride, nearest=meets)
            levels[name] = self.fusions[level](laid, others[level]) if meets else laid
        joined: dict[str, Tensor] = self.fpn(levels)
        return joined

    def _norm(self, part: Tensor) -> Tensor:
        """Each token to mean 0 and variance 1: layers differ in scale, those of a residual stream by orders."""
        if not self.normed:
            return part
        return F.layer_norm(part.movedim(1, -1), (part.shape[1],)).movedim(-1, 1)

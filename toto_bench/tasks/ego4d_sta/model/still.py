"""StillFast's branch for the annotated frame at full size: a ResNet, and how its maps meet those of the clip."""

from pathlib import Path

import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import resnet50
from torchvision.ops import FrozenBatchNorm2d

from toto_bench.backbones.base import IMAGENET
from toto_bench.backbones.checkpoint import read_checkpoint
from toto_bench.backbones.dialects import translate
from toto_bench.backbones.weights import put_weights
from toto_bench.tasks.ego4d_sta.model.spread import canvas_of, inside

CHANNELS = (256, 512, 1024, 2048)
"""Of the maps of a ResNet-50, at strides 4, 8, 16 and 32."""
_FIXED = ("conv1", "bn1", "layer1")
"""Parts that stay as they were trained, as in torchvision's detectors."""


class StillBranch(nn.Module):
    """A ResNet-50 over the stills."""

    def __init__(self, weights: Path | None = None) -> None:
        """Untrained, or with the weights of a file; nothing is ever downloaded.

        Args:
            weights: a state dict of torchvision's ResNet-50. Its batch norms and first stage then stay fixed.

        Raises:
            WeightsError: the file is damaged or does not fit.
        """
        super().__init__()
        trained = weights is not None
        self.body = resnet50(weights=None, norm_layer=FrozenBatchNorm2d if trained else nn.BatchNorm2d)
        if weights is not None:
            _load(self.body, weights)
            for name in _FIXED:
                getattr(self.body, name).requires_grad_(False)
        self.body.fc = nn.Identity()

    def forward(self, stills: Tensor, sizes: Tensor) -> list[Tensor]:
        """Maps at strides 4, 8, 16 and 32 of the batch's canvas.

        Args:
            stills: float32 [B, 3, H, W] in [0, 1], zero padded.
            sizes: int64 [B, 2], height and width of each plane.
        """
        height, width = canvas_of(sizes)
        mean, std = (stills.new_tensor(part).view(3, 1, 1) for part in IMAGENET)
        # A negative padding cuts what the canvas of these images does not need.
        padded = F.pad(stills, (0, width - stills.shape[-1], 0, height - stills.shape[-2]))
        x = (padded - mean) / std * inside(sizes, height, width, 1)[:, None]
        body = self.body
        x = body.maxpool(body.relu(body.bn1(body.conv1(x))))
        maps = []
        for stage in (body.layer1, body.layer2, body.layer3, body.layer4):
            x = stage(x)
            maps.append(x)
        return maps


class Fusion(nn.Module):
    """A map of the clip added to one of the still, between 3x3 convolutions (StillFast, commit 199ba490)."""

    def __init__(self, clip: int, still: int) -> None:
        """With the channels of both."""
        super().__init__()
        self.before = nn.Conv2d(clip, still, 3, padding=1)
        self.after = nn.Conv2d(still, still, 3, padding=1)

    def forward(self, clip: Tensor, still: Tensor) -> Tensor:
        """[B, C, H, W] of the still's channels, from two maps of the same cells."""
        fused: Tensor = self.after(still + self.before(clip))
        return fused


def _load(body: nn.Module, path: Path) -> None:
    state = translate(read_checkpoint(path), body, "same")
    # Fixed batch norms count no batches.
    kept = {key: tensor for key, tensor in state.items() if not key.endswith("num_batches_tracked")}
    put_weights(kept, body, str(path))

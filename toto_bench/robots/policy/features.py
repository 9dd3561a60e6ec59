"""Camera pictures to pooled tokens of a frozen backbone."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from toto_bench.backbones.base import Backbone, FinalNorm
from toto_bench.probing.pool import pooled
from toto_bench.probing.settings import Pooling
from toto_bench.robots.policy.spec import CameraSpec

TOGETHER = 64
"""Pictures that pass an accelerator at once."""


class FeatureReader:
    """Reads any layers of a frozen backbone from one pass over each picture.

    On a CPU each picture passes alone: this costs about as much there, and a picture's features do not depend on how
    many others are read with it, to the last bit. On an accelerator they pass together and agree to rounding.
    """

    def __init__(
        self,
        backbone: Backbone,
        layers: Sequence[int],
        *,
        resolution: int,
        pooling: Pooling = "average",
        norm: FinalNorm = "last",
        device: torch.device | str = "cpu",
        dtype: str = "float32",
    ) -> None:
        """Put the backbone on the device, in eval mode.

        Args:
            backbone: frozen; its parameters are not touched.
            layers: which layers.
            resolution: side of the square that pictures are resized to, in pixels.
            pooling: how the tokens of a picture become one vector.
            norm: which layers pass the final norm.
            device: where the backbone runs.
            dtype: number type in which it runs; inputs and pooling stay in float32.
        """
        self.backbone, self.layers = backbone.to(device).eval(), tuple(layers)
        self.resolution, self.pooling, self.norm = resolution, pooling, norm
        self.device, self.dtype = torch.device(device), dtype
        info = backbone.info
        self._frames = info.frames or max(layer.tubelet for layer in info.layers)
        self._together = 1 if self.device.type == "cpu" else TOGETHER

    @torch.inference_mode()
    def read(self, pictures: NDArray[np.uint8], camera: CameraSpec) -> dict[int, Tensor]:
        """Features by layer, float32 [N, D] on the CPU.

        Args:
            pictures: uint8 [N, H, W, 3], RGB.
            camera: whose crop is taken.

        Raises:
            UnsupportedInputError: the backbone has no such layer, or cannot read this resolution.
        """
        rows: dict[int, list[Tensor]] = {layer: [] for layer in self.layers}
        for start in range(0, len(pictures), self._together):
            video = self._video(pictures[start : start + self._together], camera)
            inputs = self.backbone.prepare(video)
            with self._number():
                tokens = self.backbone.forward_layers(inputs, self.layers, norm=self.norm)
            for layer, one in zip(self.layers, tokens, strict=True):
                vectors = pooled(one, self.pooling, self.backbone.info.prefix, dtype=torch.float32)
                rows[layer].append(vectors.float().cpu())
        return {layer: torch.cat(parts) for layer, parts in rows.items()}

    def _number(self) -> torch.autocast:
        number = getattr(torch, self.dtype)
        return torch.autocast(self.device.type, number, enabled=number != torch.float32)

    def _video(self, pictures: NDArray[np.uint8], camera: CameraSpec) -> Tensor:
        """float32 [n, T, 3, S, S] in [0, 1]; a backbone of clips sees the picture as a clip that stands still."""
        if crop := camera.crop:
            pictures = pictures[:, crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]
        frames = torch.tensor(pictures, device=self.device).permute(0, 3, 1, 2).float() / 255
        side = (self.resolution, self.resolution)
        if frames.shape[-2:] != side:
            frames = F.interpolate(frames, side, mode="bilinear", antialias=True).clamp(0, 1)
        return frames.unsqueeze(1).expand(-1, self._frames, -1, -1, -1)

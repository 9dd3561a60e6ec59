"""What the model reads and gives."""

from typing import NamedTuple

import torch
from torch import Tensor


class Targets(NamedTuple):
    """The annotated objects of one image; there may be none."""

    boxes: Tensor
    """float32 [n, 4], x1, y1, x2, y2 in pixels of the scaled still plane."""
    nouns: Tensor
    """int64 [n], positions in the annotation's list of nouns; the background is the model's own affair."""
    verbs: Tensor
    """int64 [n], positions in the list of verbs."""
    ttc: Tensor
    """float32 [n], seconds to contact."""

    def to(self, device: torch.device, *, non_blocking: bool = False) -> "Targets":
        """The same on a device."""
        return Targets(*(part.to(device, non_blocking=non_blocking) for part in self))


class Batch(NamedTuple):
    """Clips, or their kept maps, with the sizes of the planes that boxes are in."""

    inputs: Tensor | None
    """What `Backbone.prepare` made of clips [B, T, 3, S, S]; None when maps are given."""
    maps: list[Tensor] | None
    """Kept maps of a frozen backbone, one for each layer of the pyramid, [B, D, h, w], pooled over time."""
    sizes: Tensor
    """int64 [B, 2], height and width of the still plane."""
    stills: Tensor | None = None
    """float32 [B, 3, H, W] in [0, 1], zero padded to the right and below; only with the still branch."""
    targets: list[Targets] | None = None
    """The objects of each image; None when there is nothing to learn from."""
    next: Tensor | None = None
    """What `prepare_targets` made of the clips, for backbones that predict others than they read."""

    def to(self, device: torch.device, *, non_blocking: bool = False) -> "Batch":
        """The same on a device; what the training loop calls."""

        def moved(tensor: Tensor | None) -> Tensor | None:
            return None if tensor is None else tensor.to(device, non_blocking=non_blocking)

        return Batch(
            inputs=moved(self.inputs),
            maps=None
            if self.maps is None
            else [map_.to(device, non_blocking=non_blocking) for map_ in self.maps],
            sizes=self.sizes.to(device, non_blocking=non_blocking),
            stills=moved(self.stills),
            targets=None
            if self.targets is None
            else [target.to(device, non_blocking=non_blocking) for target in self.targets],
            next=moved(self.next),
        )


class Detections(NamedTuple):
    """What is predicted for one image, by falling score."""

    boxes: Tensor
    """float32 [n, 4], x1, y1, x2, y2 in pixels of the still plane, inside it."""
    nouns: Tensor
    """int64 [n], positions in the list of nouns."""
    verbs: Tensor
    """int64 [n], positions in the list of verbs."""
    ttc: Tensor
    """float32 [n], seconds to contact, positive."""
    scores: Tensor
    """float32 [n], in (0, 1]."""

"""Changes of training batches in full fine-tuning (timm's); what a mode cannot do is refused."""

from typing import Any

import numpy as np
import torch
from PIL import Image
from timm.data.auto_augment import posterize, rand_augment_transform
from timm.data.mixup import Mixup
from timm.data.random_erasing import RandomErasing
from torch import Tensor

from toto_bench.backbones.base import IMAGENET
from toto_bench.errors import RequestError
from toto_bench.tasks.recognition.inputs import Augment
from toto_bench.tasks.recognition.protocol import RecognitionProtocol

_NONE = "none"
_GREY = (128, 128, 128)
"""What timm's policies fill borders with."""


def augment_of(protocol: RecognitionProtocol, classes: int) -> Augment | None:
    """What changes the batches, in the order of timm: policy, erasing, mixing; None where the protocol has nothing.

    All of it draws from the global generators of Python and numpy, whose states are saved with the training.

    Raises:
        RequestError: timm does not know the policy, or the mode has no use for it.
    """
    values: dict[str, Any] = {
        name: getattr(protocol, name, default)
        for name, default in (
            ("mixup", 0.0), ("cutmix", 0.0), ("label_smoothing", 0.0), ("random_erasing", 0.0), ("auto_augment", _NONE)
        )
    }  # fmt: skip
    if not any(value not in (0, _NONE) for value in values.values()):
        return None
    return Augmentation(classes, **values)


def expect_plain(protocol: RecognitionProtocol) -> None:
    """Refuse augmentation and stochastic depth where a backbone stays as it is, or is adapted by its own loss.

    Raises:
        RequestError: the protocol asks for some.
    """
    asked = [
        name
        for name in ("mixup", "cutmix", "label_smoothing", "random_erasing", "auto_augment", "drop_path")
        if getattr(protocol, name, 0) not in (0, _NONE)
    ]
    if asked and protocol.adaptation != "none":
        names = ", ".join(f"`{name}`" for name in asked)
        raise RequestError(
            f"{names}: only full fine-tuning (`adaptation = none`, preset `fine-tune`) knows these; probes are trained "
            f"without, here `adaptation = {protocol.adaptation}`. Leave them at 0 and `none`."
        )


class Augmentation:
    """timm's augmentation of a batch of images."""

    def __init__(
        self,
        classes: int,
        *,
        mixup: float,
        cutmix: float,
        label_smoothing: float,
        random_erasing: float,
        auto_augment: str,
    ) -> None:
        self.classes, self.smoothing = classes, label_smoothing
        self.mixup = (
            Mixup(  # type: ignore[no-untyped-call]
                mixup_alpha=mixup,
                cutmix_alpha=cutmix,
                label_smoothing=label_smoothing,
                num_classes=classes,
            )
            if mixup or cutmix
            else None
        )
        self.erasing = (
            RandomErasing(random_erasing, mode="pixel", max_count=1, device="cpu")  # type: ignore[no-untyped-call]
            if random_erasing
            else None
        )
        self.policy = _policy(auto_augment)

    def __call__(self, video: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Clips [B, 1, 3, R, R] and classes [B], to clips and shares [B, classes]."""
        images = video[:, 0]
        if self.policy is not None:
            images = self._apply_policy(images)
        if self.erasing is not None:
            images = self._erase(images)
        if self.mixup is not None and len(images) % 2 == 0:
            images, targets = _mix(self.mixup, images, targets)
        else:
            targets = smoothed(targets, self.classes, self.smoothing)
        return images[:, None], targets

    def _erase(self, images: Tensor) -> Tensor:
        """Timm's noise is normal in normalised pixels."""
        assert self.erasing is not None
        mean, std = (images.new_tensor(values).view(3, 1, 1) for values in IMAGENET)
        erased = [self.erasing((image - mean) / std) for image in images.clone().unbind()]
        return (torch.stack(erased) * std + mean).clamp(0, 1)

    def _apply_policy(self, images: Tensor) -> Tensor:
        changed = []
        for image in images.mul(255).round().byte().permute(0, 2, 3, 1).cpu().numpy():
            changed.append(np.asarray(self.policy(Image.fromarray(image)), np.uint8))
        stacked = torch.from_numpy(np.stack(changed)).to(images.device)
        return stacked.permute(0, 3, 1, 2).float().div(255)


def smoothed(targets: Tensor, classes: int, smoothing: float) -> Tensor:
    """Shares [B, classes] of classes [B]; `smoothing` of each is spread over all."""
    shares = torch.full((len(targets), classes), smoothing / classes, device=targets.device)
    return shares.scatter_add_(1, targets[:, None], torch.full_like(shares[:, :1], 1 - smoothing))


def _mix(mixup: Mixup, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Timm makes its targets on the GPU unless told otherwise."""
    mixed, shares = mixup(images.clone(), targets)
    return mixed, shares.to(images.device, torch.float32)


def _policy(name: str) -> Any:
    if name == _NONE:
        return None
    try:
        assert name.startswith("rand-"), "it does not begin with `rand-`"
        policy = rand_augment_transform(name, {"translate_const": 100, "img_mean": _GREY})
    except (AssertionError, ValueError, KeyError, IndexError) as error:
        raise RequestError(
            f"`auto_augment = {name}` is no policy that is supported ({error}): `none`, or one of timm's RandAugment, "
            "such as `rand-m9-mstd0.5-inc1`."
        ) from error
    for operation in policy.ops:
        if operation.aug_fn is posterize:
            operation.aug_fn = _posterize
    return policy


def _posterize(image: Image.Image, bits: int, **options: Any) -> Image.Image:
    """No bits kept are a black image, as Pillow made it before it refused them; timm still asks for it."""
    if not bits:
        return Image.new(image.mode, image.size)
    kept: Image.Image = posterize(image, bits, **options)  # type: ignore[no-untyped-call]
    return kept

"""A tokenizer turns each frame into a grid of codes, and gives the same codes for the same pixels everywhere."""

import abc
from pathlib import Path

import torch
from torch import Tensor, nn

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.modes import evaluating

LOWEST, HIGHEST = -0.5, 1.5
"""Pixels of [0, 1] that bicubic resizing overshot stay within; values of another scale do not."""


class Tokenizer(nn.Module, abc.ABC):
    """Frames in [0, 1] to codes, or to continuous patches; each frame alone.

    A tokenizer gives `name`, `vocabulary`, `stride`, `mapping` and `_encode`; whoever loads or trains its weights sets
    `weights`.
    """

    name: str
    """Key in `TOKENIZERS`."""
    vocabulary: int | None
    """Number of codes; None: it gives continuous patches."""
    stride: int
    """Side in pixels of the square that one token stands for."""
    mapping: str
    """Identity of the map from pixels in [0, 1] to the network's input, and of anything else beside weights."""
    weights: str = "random:0"
    """`sha256:...` of the loaded state dict, `random:SEED` when untrained, `none` without parameters."""
    file: Path | None = None
    """That the weights were read from; None: they were not."""
    frames_at_once: int = 64
    """Frames that pass the network together on a GPU, whatever the batch: memory stays bounded."""

    def checkpointed(self) -> nn.Module:
        """The module whose keys a file of weights has: this one, or a library's that it wraps."""
        return self

    @property
    def identity(self) -> str:
        """What decides the codes of a frame: part of every cache key."""
        return f"{self.name};{self.mapping};{self.weights}"

    def encode(self, images: Tensor) -> Tensor:
        """Codes of frames, in float32 whatever the surroundings run in: an argmax in half precision is another one.

        Args:
            images: floating point [N, 3, H, W], RGB in [0, 1]; H and W are multiples of `stride`.

        Returns:
            int64 [N, H / stride, W / stride]; float32 [N, h, w, 3 * stride**2] if the tokenizer is continuous.

        Raises:
            UnsupportedInputError: another shape, size or scale, or pixels that are not finite.
        """
        self._check(images)
        images = images.to(torch.float32)
        if images.shape[0] == 0:
            return self._empty(images)
        kind = "cpu" if images.is_meta else images.device.type  # a model without storage has no autocast
        exact = torch.backends.cudnn.flags(
            enabled=True, benchmark=False, deterministic=True, allow_tf32=False
        )
        with torch.no_grad(), torch.autocast(kind, enabled=False), evaluating(self), exact:
            # One by one a CPU is no slower, and a frame has the same codes in whatever company to the last bit.
            together = 1 if kind == "cpu" else self.frames_at_once
            return torch.cat([self._encode(chunk) for chunk in torch.split(images, together)])

    @abc.abstractmethod
    def _encode(self, images: Tensor) -> Tensor:
        """As `encode`, for at most `frames_at_once` frames that were checked."""

    def _check(self, images: Tensor) -> None:
        if images.ndim != 4 or images.shape[1] != 3:
            raise UnsupportedInputError(
                f"The tokenizer `{self.name}` reads frames as [N, 3, H, W], not {list(images.shape)}: add the missing "
                "axes, or move the channels."
            )
        if not images.is_floating_point():
            raise UnsupportedInputError(
                f"The tokenizer `{self.name}` reads floating-point frames with values in [0, 1], not {images.dtype}: "
                "divide by 255 first."
            )
        height, width = images.shape[-2:]
        if height % self.stride or width % self.stride or 0 in (height, width):
            raise UnsupportedInputError(
                f"The tokenizer `{self.name}` cuts frames into squares of {self.stride} pixels, which {height}x{width} "
                "pixels do not divide into: resize or crop the frames to multiples of it."
            )
        if images.numel() and not images.is_meta:
            self._check_values(images)

    def _check_values(self, images: Tensor) -> None:
        low, high = (value.item() for value in images.aminmax())
        if not (low >= LOWEST and high <= HIGHEST):  # NaN is neither
            found = f"values from {low:.4g} to {high:.4g}" if low <= high else "NaN"
            raise UnsupportedInputError(
                f"The tokenizer `{self.name}` reads pixels in [0, 1], but these frames hold {found}: scale them to [0, "
                "1], without normalisation."
            )

    def _empty(self, images: Tensor) -> Tensor:
        height, width = (side // self.stride for side in images.shape[-2:])
        if self.vocabulary is None:
            return images.new_empty(0, height, width, 3 * self.stride**2)
        return torch.empty(0, height, width, dtype=torch.int64, device=images.device)

"""Frames at the door of a backbone: what is checked once, and how pixels are normalised."""

import torch
from torch import Tensor

from toto_bench.backbones.base import Statistics, UnsupportedInputError


def check_frames(frames: Tensor, name: str, size: tuple[int, int] | None = None) -> None:
    """Refuse what is not floating point [B, T, 3, H, W], or not of the size that a backbone needs.

    Raises:
        UnsupportedInputError: says what was found and what was expected.
    """
    if frames.ndim != 5 or frames.shape[2] != 3 or 0 in frames.shape:
        raise UnsupportedInputError(
            f"`{name}` reads frames as [B, T, 3, H, W], not {list(frames.shape)}: add the missing axes, or "
            "move the channels."
        )
    if not frames.is_floating_point():
        raise UnsupportedInputError(
            f"`{name}` reads float32 frames with values in [0, 1], not {frames.dtype}: divide by 255 first."
        )
    if size is not None and tuple(frames.shape[-2:]) != size:
        raise UnsupportedInputError(
            f"`{name}` was built for frames of {size[0]}x{size[1]} pixels, not "
            f"{frames.shape[-2]}x{frames.shape[-1]}: resize them, or build it for that size (`image_size`)."
        )


def normalise(video: Tensor, statistics: Statistics) -> Tensor:
    """(x - mean) / std of each channel, in float32; [..., 3, H, W] in and out."""
    video = video.to(torch.float32)
    mean, std = (video.new_tensor(values).view(3, 1, 1) for values in statistics)
    return (video - mean) / std


def preprocessing_id(statistics: Statistics) -> str:
    """Identity of `normalise`: equal for equal statistics, whatever the backbone is called."""
    mean, std = (",".join(f"{value:.8g}" for value in values) for values in statistics)
    return f"normalise:float32;mean={mean};std={std}"

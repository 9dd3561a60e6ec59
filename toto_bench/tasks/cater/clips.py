"""Clips as backbones read them, and how colours of training clips are varied."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional

from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.sampling import center_frames, random_frames
from toto_bench.tasks.cater.videos import Pixels, count_frames, read_frames


def eval_clips(video: Path, protocol: CaterProtocol) -> Pixels:
    """All views of a video for evaluation: uint8 [V, T, S, S, 3] RGB; each frame is decoded once.

    Raises:
        BrokenVideoError: it cannot be decoded; never is another video read in its place.
    """
    indices = center_frames(count_frames(video), protocol.frames, protocol.clips)
    return read_frames(video, indices.ravel(), protocol.resolution).reshape(
        *indices.shape, protocol.resolution, protocol.resolution, 3
    )


def training_clip(video: Path, protocol: CaterProtocol, rng: np.random.Generator) -> Pixels:
    """One clip of a video for training: uint8 [T, S, S, 3] RGB.

    Args:
        video: its file.
        protocol: sampling, size, colours; never a flip or a crop.
        rng: of the frames and the colours.

    Raises:
        BrokenVideoError: it cannot be decoded; never is another video read in its place.
    """
    total = count_frames(video)
    if protocol.train_sampling == "segment-random":
        indices = random_frames(total, protocol.frames, rng)
    else:
        indices = center_frames(total, protocol.frames)[0]
    clip = read_frames(video, indices, protocol.resolution)
    return vary_colours(clip, protocol.color_jitter, rng) if protocol.color_jitter else clip


def vary_colours(clip: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Brightness, contrast and saturation, each multiplied by 1 - strength to 1 + strength, alike in all frames.

    Args:
        clip: uint8 [T, H, W, 3].
        strength: 0 changes nothing.
        rng: of the factors and of their order.
    """
    frames = torch.from_numpy(clip).permute(0, 3, 1, 2)
    changes = [functional.adjust_brightness, functional.adjust_contrast, functional.adjust_saturation]
    factors = rng.uniform(1 - strength, 1 + strength, len(changes))
    for index in rng.permutation(len(changes)):
        frames = changes[index](frames, float(factors[index]))
    return np.ascontiguousarray(frames.permute(0, 2, 3, 1).numpy(), dtype=np.uint8)


def as_video(clips: Pixels) -> Tensor:
    """Clips uint8 [B, T, S, S, 3] as a backbone takes them: float32 [B, T, 3, S, S] in [0, 1]."""
    return torch.from_numpy(clips).permute(0, 1, 4, 2, 3).contiguous().float() / 255

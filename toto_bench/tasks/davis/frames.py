"""From a decoded frame to the pixels that a backbone sees."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import lcm
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.backbones.base import IMAGENET, BackboneInfo, Statistics
from toto_bench.tasks.davis.protocol import DavisProtocol
from toto_bench.tasks.davis.reader import read_frame
from toto_bench.tasks.davis.sizes import dino_size, resize_frame

DINO = Statistics(IMAGENET.mean, (0.228, 0.224, 0.225))
"""The statistics in DINO's script; .228 for .229 is a slip there, kept because results depend on it."""


def input_size(size: tuple[int, int], protocol: DavisProtocol) -> tuple[int, int]:
    """Height and width that a frame of `size` is brought to."""
    if protocol.resize == "native":
        return size
    assert isinstance(protocol.resolution, int)
    if protocol.resize == "square":
        return protocol.resolution, protocol.resolution
    return dino_size(*size, protocol.resolution)


def load_frames(paths: Sequence[Path], protocol: DavisProtocol, workers: int) -> Iterator[NDArray[np.uint8]]:
    """Frames of a sequence, decoded and resized, uint8 [h, w, 3] RGB; decoded ahead by `workers` threads."""
    if workers == 0:
        yield from (_load(path, protocol) for path in paths)
        return
    with ThreadPoolExecutor(workers) as pool:
        ahead = [pool.submit(_load, path, protocol) for path in paths[: 2 * workers]]
        for index in range(len(paths)):
            if (coming := index + 2 * workers) < len(paths):
                ahead.append(pool.submit(_load, paths[coming], protocol))
            yield ahead.pop(0).result()


def to_video(frames: Sequence[NDArray[np.uint8]], protocol: DavisProtocol, info: BackboneInfo) -> Tensor:
    """Frames as float32 [B, 1, 3, H, W] in [0, 1]: B keeps them apart."""
    pixels = torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2).float().div(255)
    if protocol.variant == "dino":
        pixels = _whole_patches(pixels, lcm(*(layer.stride for layer in info.layers)))
    return _with_statistics(pixels, protocol, info.statistics)[:, None]


def script_statistics(protocol: DavisProtocol, own: Statistics | None) -> Statistics | None:
    """The statistics in force: the official script's in place of ImageNet's, else the backbone's own."""
    if own != IMAGENET or protocol.normalisation == "backbone":
        return own
    return DINO if protocol.normalisation == "dino" else IMAGENET


def _load(path: Path, protocol: DavisProtocol) -> NDArray[np.uint8]:
    frame = read_frame(path)
    size = (frame.shape[0], frame.shape[1])
    wanted = input_size(size, protocol)
    return frame if wanted == size else resize_frame(frame, wanted)


def _whole_patches(pixels: Tensor, stride: int) -> Tensor:
    """Cut the rest that no whole patch covers, as the patch embedding in DINO's script does."""
    height, width = (max(side // stride, 1) * stride for side in pixels.shape[-2:])
    return pixels[..., :height, :width]


def _with_statistics(pixels: Tensor, protocol: DavisProtocol, own: Statistics | None) -> Tensor:
    """Pixels that, after the backbone's own normalisation, are as the script's would have made them."""
    wanted = script_statistics(protocol, own)
    if own is None or wanted is None or wanted == own:
        return pixels
    mean, std = torch.tensor(own.mean)[:, None, None], torch.tensor(own.std)[:, None, None]
    script_mean, script_std = (
        torch.tensor(wanted.mean)[:, None, None],
        torch.tensor(wanted.std)[:, None, None],
    )
    return (pixels - script_mean) / script_std * std + mean

"""Sequences of ids: a start token, the codes of every frame in raster order, an end token."""

from typing import Literal

import torch
from torch import Tensor

from toto_bench.backbones.toto.config import TotoConfig

Kind = Literal["video", "images"]
"""What the frames of a sequence are: of one video, or unrelated images."""


def pack(ids: Tensor, kind: Kind, config: TotoConfig) -> Tensor:
    """Codes of frames as training sequences.

    Both kinds end with the same token, and nothing stands between frames or images (arXiv 2501.05453, section 3).

    Args:
        ids: integer codes [B, T, h, w], from 0.
        kind: decides the start token.
        config: has the ids of special tokens and of code 0.

    Returns:
        int64 [B, 1 + T*h*w + 1].
    """
    codes = ids.flatten(1).long() + config.code_offset
    return torch.cat([_column(codes, start_of(kind, config)), codes, _column(codes, config.video_end)], dim=1)


def start_of(kind: Kind, config: TotoConfig) -> int:
    """Id of the token that a sequence begins with."""
    return config.video_start if kind == "video" else config.image_start


def kind_of(frames: int) -> Kind:
    """What a clip of so many frames is read as: one alone is an image.

    Inferred: the paper gives both start tokens, not which one stands before a single frame of a video.
    """
    return "images" if frames == 1 else "video"


def _column(codes: Tensor, value: int) -> Tensor:
    return codes.new_full((len(codes), 1), value)

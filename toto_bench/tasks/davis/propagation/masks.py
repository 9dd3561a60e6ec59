"""Between label maps at image size and soft labels on the feature grid."""

from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from toto_bench.tasks.davis.propagation.errors import PropagationError
from toto_bench.tasks.davis.propagation.settings import resolve_variant

LabelMap = NDArray[np.uint8]
"""Labels ``[H, W]``, 0 is background."""


class EncodedMask(NamedTuple):
    """A first mask on the feature grid."""

    soft: Tensor
    """Labels ``[C, h, w]``, float32: what propagation starts from."""
    ids: tuple[int, ...]
    """The label each channel stands for."""


def encode_first_mask(labels: NDArray[Any], grid: tuple[int, int], variant: str = "dino") -> EncodedMask:
    """Bring the annotation ``[H, W]`` (integers 0..255) of the first frame to the feature grid (h, w).

    ``dino``: nearest neighbour (Pillow's), then one channel per label 0..max, where max is taken *after* the
    resize, as in ``read_seg``: an object lost there gets an empty channel, or none if it was the highest.

    ``videowalk``: one channel per label present, then OpenCV's bilinear resize, so borders are soft.

    Raises:
        PropagationError: If ``labels`` is not a label map, or the grid is empty.
    """
    name = resolve_variant(variant)
    array = _checked(labels)
    if min(grid) < 1:
        raise PropagationError(f"The grid is {grid}; expected (h, w) of at least one cell each.")
    return _one_hot_of_nearest(array, grid) if name == "dino" else _bilinear_of_one_hot(array, grid)


def decode_labels(  # noqa: PLR0917
    soft: Tensor,
    ids: tuple[int, ...],
    size: tuple[int, int],
    patch: int,
    variant: str = "dino",
    normalise_masks: bool | None = None,
) -> LabelMap:
    """Read a label map ``[H, W]`` of the video's own ``size`` (H, W) out of soft labels ``[C, h, w]``.

    ``dino``: bilinear upsampling by ``patch`` to the encoded frame, each channel stretched to [0, 1] over the
    frame (``norm_mask``), first largest channel, nearest neighbour to ``size``. A constant positive channel
    becomes 0/0 = NaN, which wins, as in the reference (background alone gives label 0).

    ``videowalk``: bilinear straight to ``size``, first largest channel. ``patch`` plays no part.

    Args:
        soft: Soft labels of one frame.
        ids: The label of each channel, from ``encode_first_mask``.
        size: Height and width of the annotation.
        patch: Pixels per grid cell of the encoded frame.
        variant: Whose read-out is followed.
        normalise_masks: Stretch the channels; None is the reference's default: ``dino`` yes, ``videowalk`` no
            (there it would stretch each cell over its channels, before the upsampling).

    Raises:
        PropagationError: If ``soft`` and ``ids`` do not fit together.
    """
    name = resolve_variant(variant)
    if soft.dim() != 3 or soft.shape[0] != len(ids):
        raise PropagationError(
            f"Soft labels of shape {list(soft.shape)} do not fit {len(ids)} label ids; expected [C, h, w] "
            "with one id per channel."
        )
    values = np.asarray(ids, dtype=np.uint8)
    if name == "dino":
        return values[_read_out_dino(soft.float(), size, patch, normalise_masks is not False)]
    return values[_read_out_videowalk(soft.float(), size, normalise_masks is True)]


def _checked(labels: NDArray[Any]) -> LabelMap:
    array = np.asarray(labels)
    if array.ndim != 2 or array.size == 0 or not np.issubdtype(array.dtype, np.integer):
        raise PropagationError(
            f"The first mask is {array.dtype} of shape {list(array.shape)}; expected integers [H, W]. "
            "Open annotation PNGs with Pillow and do not convert them: their palette indices are the labels."
        )
    if array.min() < 0 or array.max() > 255:
        raise PropagationError(f"The first mask holds {array.min()}..{array.max()}; expected labels 0..255.")
    return np.ascontiguousarray(array, dtype=np.uint8)


def _nearest(labels: LabelMap, size: tuple[int, int]) -> LabelMap:
    image = Image.fromarray(labels).resize((size[1], size[0]), Image.Resampling.NEAREST)
    return np.asarray(image, dtype=np.uint8)


def _one_hot_of_nearest(labels: LabelMap, grid: tuple[int, int]) -> EncodedMask:
    small = torch.from_numpy(_nearest(labels, grid).astype(np.int64))
    soft = F.one_hot(small).permute(2, 0, 1).float().contiguous()
    return EncodedMask(soft, tuple(range(len(soft))))


def _bilinear_of_one_hot(labels: LabelMap, grid: tuple[int, int]) -> EncodedMask:
    ids = np.unique(labels)
    full = (labels[:, :, None] == ids).astype(np.float32)
    small = _bilinear(full, grid)
    soft = torch.from_numpy(np.ascontiguousarray(small.transpose(2, 0, 1)))
    return EncodedMask(soft, tuple(int(i) for i in ids))


def _bilinear(channels: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Resize ``[h, w, C]`` to ``[H, W, C]`` with OpenCV, which drops a lone channel's axis."""
    resized = cv2.resize(channels, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, dtype=np.float32).reshape(*size, channels.shape[2])


def _read_out_dino(soft: Tensor, size: tuple[int, int], patch: int, normalise: bool) -> LabelMap:
    full = F.interpolate(
        soft[None], scale_factor=patch, mode="bilinear", align_corners=False, recompute_scale_factor=False
    )[0]
    if normalise:
        full = _stretch_over_frame(full)
    channel = full.max(dim=0).indices.cpu().numpy().astype(np.uint8)
    return _nearest(channel, size)


def _stretch_over_frame(full: Tensor) -> Tensor:
    """Map each channel with a positive value to [0, 1] over the frame (DINO's ``norm_mask``)."""
    lowest, highest = full.amin(dim=(1, 2), keepdim=True), full.amax(dim=(1, 2), keepdim=True)
    return torch.where(highest > 0, (full - lowest) / (highest - lowest), full)


def _read_out_videowalk(soft: Tensor, size: tuple[int, int], normalise: bool) -> NDArray[np.intp]:
    if normalise:
        soft = soft - soft.amin(dim=0, keepdim=True)
        soft = soft / soft.amax(dim=0, keepdim=True)
    full = _bilinear(np.ascontiguousarray(soft.cpu().numpy().transpose(1, 2, 0)), size)
    channel: NDArray[np.intp] = np.argmax(full, axis=-1)
    return channel

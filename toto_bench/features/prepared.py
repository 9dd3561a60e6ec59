"""The inputs of a backbone, each frame's computed once ever where they are ids."""

import hashlib

import torch
from torch import Tensor

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.tensors import bytes_of
from toto_bench.features.ids import LARGEST, IdStore
from toto_bench.features.libraries import libraries


def keeps_ids(backbone: Backbone) -> bool:
    """Whether a backbone reads ids that fit the store: those of other backbones are pixels, cheap to make and large."""
    vocabulary = backbone.info.vocabulary
    return vocabulary is not None and vocabulary <= LARGEST


def prepare_kept(backbone: Backbone, video: Tensor, store: IdStore) -> Tensor:
    """As `backbone.prepare`, of which only frames are asked whose ids the store does not have.

    Frames are known by their pixels, as they are after resizing, so that neither paths nor protocols matter; and by
    the kind of device that they lie on, where the tokenizer runs.

    Args:
        backbone: whose `info.vocabulary` says that it reads ids.
        video: float [B, T, 3, H, W] in [0, 1].
        store: of ids.

    Returns:
        int32 [B, T, ...] on the device of the video.

    Raises:
        DiskError: the store cannot be used.
        UnsupportedInputError: the backbone refuses the frames.
    """
    if video.ndim != 5 or 0 in video.shape:
        return backbone.prepare(video)  # which says what is wrong
    frames = video.flatten(0, 1)
    made_by = f"{backbone.info.preprocessing}|{libraries()}"
    keys = [key_of(made_by, frame, video.device) for frame in frames.cpu()]
    grids = store.get(keys)
    # One place of each frame that is new: still frames are alike.
    new = {key: place for place, key in enumerate(keys) if key not in grids}
    if new:
        places = list(new.values())
        made = backbone.prepare(frames[places][:, None])[:, 0].cpu().int()
        grids |= dict(zip(new, made, strict=True))
        store.put({key: grids[key] for key in new})
    return torch.unflatten(torch.stack([grids[key] for key in keys]), 0, video.shape[:2]).to(video.device)


def key_of(made_by: str, frame: Tensor, device: torch.device) -> str:
    """The key of a frame's ids.

    Args:
        made_by: identity of the tokenizer, and of the libraries that it runs on.
        frame: float [3, H, W] on the CPU.
        device: that the tokenizer runs on; only its kind counts, since another kind sums in another order, and a
            last bit can turn a code.
    """
    digest = hashlib.sha256(f"{made_by}|{device.type}|{frame.dtype}|{tuple(frame.shape)}|".encode())
    digest.update(bytes_of(frame))
    return digest.hexdigest()

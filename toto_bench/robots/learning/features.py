"""Pooled features of single pictures, in half precision, kept by what made them."""

import hashlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.errors import TotoBenchError
from toto_bench.features.ids import IdStore
from toto_bench.features.libraries import libraries
from toto_bench.robots.policy import CameraSpec, FeatureReader

Pictures = NDArray[np.uint8]
"""[n, H, W, 3] RGB."""


class FeatureError(TotoBenchError):
    """A backbone gave features that no policy can learn from."""


class FrameFeatures:
    """Features of one layer, or of several from one pass; a picture that was read before is not read again."""

    def __init__(self, reader: FeatureReader, camera: CameraSpec, *, kept: Path | None = None) -> None:
        """Read through a backbone.

        Args:
            reader: of the layers.
            camera: that takes the pictures.
            kept: file in which features stay for later runs; None = they do not.
        """
        self._reader, self._camera = reader, camera
        self._store = None if kept is None else IdStore(kept)
        self.computed = 0
        """Pictures that went through the backbone."""

    def __call__(self, pictures: Pictures) -> Tensor:
        """Features float16 [n, F] on the CPU, those of several layers beside each other.

        Raises:
            FeatureError: they are not finite in half precision.
            DiskError: the file in which they stay cannot be used.
        """
        if self._store is None:
            return torch.cat(list(self._read(pictures).values()), 1)
        keys = [self._keys(picture) for picture in pictures]
        found = self._store.get([key for row in keys for key in row.values()])
        new = {
            row[self._reader.layers[0]]: place
            for place, row in enumerate(keys)
            if not set(row.values()) <= found.keys()
        }
        if new:
            places = list(new.values())
            fresh: dict[str, Tensor] = {}
            for layer, half in self._read(pictures[places]).items():
                words = half.view(torch.uint16).int()  # a half is a word of 16 bits, as the ids of tokens are
                fresh |= {keys[place][layer]: word for place, word in zip(places, words, strict=True)}
            self._store.put(fresh)
            found |= fresh
        rows = [torch.cat([found[key] for key in row.values()]) for row in keys]
        return torch.stack(rows).to(torch.uint16).view(torch.float16)

    def _read(self, pictures: Pictures) -> dict[int, Tensor]:
        """By layer, float16 [n, D]."""
        halves = {layer: each.half() for layer, each in self._reader.read(pictures, self._camera).items()}
        self.computed += len(pictures)
        wrong = [layer for layer, half in halves.items() if not bool(half.isfinite().all())]
        if wrong:
            raise FeatureError(
                f"`{self._reader.backbone.info.name}` gave features at layer {wrong[0]} that are not finite in half "
                "precision. Check its weights, read another layer, or run with `--dtype float32`."
            )
        return halves

    def _keys(self, picture: Pictures) -> dict[int, str]:
        """By layer, so that runs on one and on several layers share what they have."""
        reader, info = self._reader, self._reader.backbone.info
        made_by = (
            *(info.architecture, info.weights, info.state, info.preprocessing, libraries()),
            *(reader.pooling, reader.norm, reader.resolution, self._camera.crop),
            *(reader.dtype, reader.device.type, picture.shape),
        )
        common = hashlib.sha256(repr(made_by).encode())
        common.update(np.ascontiguousarray(picture).tobytes())
        found = {}
        for layer in reader.layers:
            own = common.copy()
            own.update(str(layer).encode())
            found[layer] = own.hexdigest()
        return found

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
    """Features of one layer; a picture that was read before is not read again."""

    def __init__(
        self, reader: FeatureReader, camera: CameraSpec, *, dtype: str = "float32", kept: Path | None = None
    ) -> None:
        """Read through a backbone.

        Args:
            reader: of one layer.
            camera: that takes the pictures.
            dtype: number type in which the backbone runs.
            kept: file in which features stay for later runs; None = they do not.
        """
        self._reader, self._camera, self._dtype = reader, camera, dtype
        self._store = None if kept is None else IdStore(kept)
        self.computed = 0
        """Pictures that went through the backbone."""

    def __call__(self, pictures: Pictures) -> Tensor:
        """Features float16 [n, F] on the CPU.

        Raises:
            FeatureError: they are not finite in half precision.
            DiskError: the file in which they stay cannot be used.
        """
        if self._store is None:
            return self._read(pictures)
        keys = [self._key(picture) for picture in pictures]
        found = self._store.get(keys)
        new = {key: place for place, key in enumerate(keys) if key not in found}
        if new:
            words = self._read(pictures[list(new.values())]).view(torch.uint16).int()
            fresh = dict(
                zip(new, words, strict=True)
            )  # a half is a word of 16 bits, as the ids of tokens are
            self._store.put(fresh)
            found |= fresh
        return torch.stack([found[key] for key in keys]).to(torch.uint16).view(torch.float16)

    def _read(self, pictures: Pictures) -> Tensor:
        number = getattr(torch, self._dtype)
        with torch.autocast(self._reader.device.type, number, enabled=number != torch.float32):
            [vectors] = self._reader.read(pictures, self._camera).values()
        self.computed += len(pictures)
        half = vectors.half()
        if not bool(half.isfinite().all()):
            raise FeatureError(
                f"`{self._reader.backbone.info.name}` gave features at layer {self._reader.layers[0]} that are not "
                "finite in half precision. Check its weights, read another layer, or run with `--dtype float32`."
            )
        return half

    def _key(self, picture: Pictures) -> str:
        reader, info = self._reader, self._reader.backbone.info
        made_by = (
            *(info.architecture, info.weights, info.state, info.preprocessing, libraries()),
            *(reader.layers, reader.pooling, reader.norm, reader.resolution, self._camera.crop),
            *(self._dtype, reader.device.type, picture.shape),
        )
        found = hashlib.sha256(repr(made_by).encode())
        found.update(np.ascontiguousarray(picture).tobytes())
        return found.hexdigest()

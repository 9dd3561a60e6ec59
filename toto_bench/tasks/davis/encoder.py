"""Frames to features: each frame is read, and encoded, once; all layers in one pass."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.backbones.base import Backbone
from toto_bench.errors import TotoBenchError
from toto_bench.features.libraries import libraries
from toto_bench.features.store import FeatureKey
from toto_bench.files import digest
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.davis.frames import load_frames, script_statistics, to_video
from toto_bench.tasks.davis.protocol import DavisProtocol


class FeatureError(TotoBenchError):
    """A backbone gave features that cannot be compared."""


class FrameEncoder:
    """Features of the frames of a video, by layer; from the store where they are there."""

    def __init__(
        self, backbone: Backbone, layers: Sequence[int], protocol: DavisProtocol, context: RunContext
    ) -> None:
        self.backbone, self.layers, self.protocol, self.context = backbone, tuple(layers), protocol, context

    def encode(self, paths: Sequence[Path]) -> Iterator[dict[int, Tensor]]:
        """Features [h, w, D] of each layer, frame by frame, float32 on the run's device.

        Raises:
            FeatureError: they hold NaN or infinite values.
            DataError: a frame cannot be decoded.
        """
        frames = load_frames(paths, self.protocol, self.context.workers)
        waiting = iter(paths)
        together = self.protocol.sequence_frames
        while batch := list(islice(waiting, max(self.context.batch_size // together, 1) * together)):
            pixels = list(islice(frames, len(batch)))
            with self.context.stage("encode"):
                tokens = self._cached(batch, pixels) if self.context.cache_features else self._encode(pixels)
                self._expect_finite(tokens, batch)
            for position in range(len(batch)):
                yield {layer: tokens[layer][position].float() for layer in self.layers}

    def _encode(self, frames: Sequence[NDArray[np.uint8]]) -> dict[int, Tensor]:
        """Tokens [B, h, w, D] of each layer; the frames begin with a group, and may end with a shorter one."""
        whole = len(frames) // self.protocol.sequence_frames * self.protocol.sequence_frames
        parts = [self._encode_groups(part) for part in (frames[:whole], frames[whole:]) if part]
        return {layer: torch.cat([part[layer] for part in parts]) for layer in self.layers}

    def _encode_groups(self, frames: Sequence[NDArray[np.uint8]]) -> dict[int, Tensor]:
        """Tokens [B, h, w, D] of each layer, of whole groups or of one shorter one."""
        device = self.context.device
        together = min(self.protocol.sequence_frames, len(frames))
        video = to_video(frames, self.protocol, self.backbone.info).to(device)
        video = video.view(-1, together, *video.shape[2:])
        dtype = getattr(torch, self.context.dtype)
        kind, halved = torch.device(device).type, dtype != torch.float32
        with torch.no_grad():
            inputs = self.context.prepare(self.backbone, video)
            self.context.describe_input(video, inputs, self.layers)
            with torch.autocast(kind, dtype, enabled=halved):
                tokens = self.backbone.forward_layers(inputs, self.layers, norm=self.protocol.final_norm)
        return {layer: t.patches.flatten(0, 1) for layer, t in zip(self.layers, tokens, strict=True)}

    def _cached(self, paths: Sequence[Path], frames: Sequence[NDArray[np.uint8]]) -> dict[int, Tensor]:
        """As `_encode`, through the store; a batch is encoded again unless all of it is there."""
        store = self.context.store
        digests = self._in_sequence([store.digest_of(path) for path in paths])
        keys = {layer: [self._key(item, layer) for item in digests] for layer in self.layers}
        found = {layer: [store.peek(key) for key in keys[layer]] for layer in self.layers}
        known = {layer: [t for t in tensors if t is not None] for layer, tensors in found.items()}
        if all(len(tensors) == len(paths) for tensors in known.values()):
            return {layer: torch.stack(tensors).to(self.context.device) for layer, tensors in known.items()}
        tokens = self._encode(frames)
        for layer in self.layers:
            for key, features in zip(keys[layer], tokens[layer], strict=True):
                store.put(key, features.cpu())
        return tokens

    def _in_sequence(self, digests: list[str]) -> list[str]:
        """Digests of what each frame's tokens depend on: the frame, or its place in its group."""
        together = self.protocol.sequence_frames
        if together == 1:
            return digests
        groups = [digests[start : start + together] for start in range(0, len(digests), together)]
        return [digest({"frames": group, "frame": place}) for group in groups for place in range(len(group))]

    def _key(self, item: str, layer: int) -> FeatureKey:
        info, protocol = self.backbone.info, self.protocol
        statistics = script_statistics(protocol, info.statistics)
        pixels = f"{protocol.resize} {protocol.resolution} {protocol.variant} {statistics}"
        return FeatureKey(
            architecture=info.architecture,
            weights=info.weights,
            preprocessing=f"{info.preprocessing} {pixels}",
            item=item,
            layer=layer,
            norm=protocol.final_norm,
            dtype=self.context.dtype,
            libraries=libraries(),
            kind="tokens",
        )

    def _expect_finite(self, tokens: dict[int, Tensor], paths: Sequence[Path]) -> None:
        for layer, features in tokens.items():
            finite = torch.isfinite(features).flatten(1).all(dim=1).tolist()
            if not all(finite):
                path = paths[finite.index(False)]
                raise FeatureError(
                    f"`{self.backbone.info.name}` gave NaN or infinite features at layer {layer} for {path}. Check "
                    "its weights; half precision overflows sooner than `--dtype float32`."
                )

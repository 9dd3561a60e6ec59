"""ImageGPT: pixels are the nearest of its colour clusters, and a transformer reads them in raster order."""

import hashlib
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from toto_bench.backbones.base import BackboneInfo, UnsupportedInputError
from toto_bench.backbones.errors import MismatchedWeightsError
from toto_bench.backbones.frames import check_frames
from toto_bench.backbones.hf.adapter import HfBackbone
from toto_bench.backbones.hf.families import Family
from toto_bench.backbones.hf.files import PREPROCESSOR, read_json
from toto_bench.backbones.hf.library import HfConfig, HfModel


class ColourBackbone(HfBackbone):
    """Pixel i is read at position i, so its token has seen pixels 0 to i, and itself.

    That is how transformers feeds images for features (the example of `ImageGPTModel`, and its classifier). In
    pre-training a start token comes first, and the token at position i predicts pixel i without having seen it; with
    it, the last pixel would have no position left.
    """

    clusters: Tensor
    """[K, 3] in [-1, 1]."""

    def __init__(
        self, model: HfModel, family: Family, info: BackboneInfo, native: HfConfig, clusters: Tensor
    ) -> None:
        super().__init__(model, family, info, native)
        self.register_buffer("clusters", clusters, persistent=False)
        self._take(clusters)

    def prepare(self, video: Tensor) -> Tensor:
        """The number of each pixel's nearest cluster: int64 [B, T, H, W]."""
        check_frames(video, self.info.name, self.info.image_size)
        return nearest(video.to(torch.float32).movedim(2, -1) * 2 - 1, self.clusters.to(torch.float32))

    def load_checkpoint(self, path: Path) -> None:
        """Take weights and colour clusters from a folder.

        Raises:
            WeightsError: something is missing, damaged, does not fit, or holds NaN.
        """
        clusters = read_clusters(path, len(self.clusters))
        super().load_checkpoint(path)
        self._take(clusters.to(self.clusters.device))

    def _take(self, clusters: Tensor) -> None:
        self.clusters = clusters
        digest = hashlib.sha256(clusters.detach().cpu().to(torch.float32).contiguous().numpy().tobytes())
        self.info = replace(self.info, preprocessing=f"clusters:int64;sha256={digest.hexdigest()}")

    def _run(self, inputs: Tensor) -> object:
        return self.model(input_ids=inputs.flatten(2).flatten(0, 1), use_cache=False)

    def _check_inputs(self, inputs: Tensor) -> None:
        if inputs.ndim != 4 or tuple(inputs.shape[-2:]) != self.info.image_size or inputs.is_floating_point():
            raise UnsupportedInputError(
                f"`{self.info.name}` reads cluster numbers [B, T, H, W] of {self.info.image_size} pixels, not "
                f"{inputs.dtype} {list(inputs.shape)}: give it what `prepare` returns."
            )


def nearest(colours: Tensor, clusters: Tensor) -> Tensor:
    """Index [...] of the cluster [K, 3] nearest to each colour [..., 3], by squared distance."""
    distance = clusters.square().sum(1) - 2 * colours @ clusters.T  # the colour's own square changes no order
    return distance.argmin(-1)


def random_clusters(count: int, seed: int) -> Tensor:
    """[count, 3] in [-1, 1], for models without weights."""
    generator = torch.Generator("cpu").manual_seed(seed)
    return torch.rand(count, 3, generator=generator, device="cpu") * 2 - 1


def read_clusters(folder: Path, count: int) -> Tensor:
    """The colour clusters of a folder of weights, [count, 3] in [-1, 1].

    Raises:
        MismatchedWeightsError: there are none, or not as many as the model knows.
        UnreadableWeightsError: the file is damaged.
    """
    path = folder / PREPROCESSOR
    found = read_json(path).get("clusters") if path.is_file() else None
    if not isinstance(found, list):
        raise MismatchedWeightsError(
            f"{path}: it should hold the colour clusters (`clusters`), without which ImageGPT reads nothing. Pass the "
            "whole folder of the repository, with that file."
        )
    try:
        clusters = torch.tensor(found, dtype=torch.float32, device="cpu")
    except (TypeError, ValueError) as error:
        raise MismatchedWeightsError(f"{path}: `clusters` are not numbers. Get the file again.") from error
    if clusters.shape != (count, 3) or not (clusters.abs() <= 1).all():
        raise MismatchedWeightsError(
            f"{path}: `clusters` should be {count} colours of three values in [-1, 1], but are {list(clusters.shape)}. "
            "Pass the folder that belongs to this backbone."
        )
    return clusters

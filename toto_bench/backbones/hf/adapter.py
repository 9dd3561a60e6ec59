"""A transformers model behind the backbone interface."""

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn

from toto_bench.backbones.base import (
    Backbone,
    BackboneInfo,
    FinalNorm,
    Tokens,
    UnsupportedInputError,
)
from toto_bench.backbones.frames import check_frames, normalise
from toto_bench.backbones.hf.families import Family
from toto_bench.backbones.hf.library import HfConfig, HfModel
from toto_bench.backbones.hf.reading import find_blocks, find_norm, read_blocks
from toto_bench.backbones.hf.weights import load_files
from toto_bench.backbones.parameters import name_within


class HfBackbone(Backbone):
    """Image models read frames one by one, B and T folded into the batch; video models read clips.

    Layers are the blocks; 0 is what enters the first of them.
    """

    def __init__(self, model: HfModel, family: Family, info: BackboneInfo, native: HfConfig) -> None:
        super().__init__()
        self.model: HfModel = model
        self.info = info
        self.family = family
        self.native = native
        """The configuration of the card, before another image size was set."""

    def checkpointed(self) -> nn.Module:
        """The transformers model."""
        model: nn.Module = self.model
        return model

    def load_checkpoint(self, path: Path) -> None:
        """Take all weights from a folder as transformers writes it, or from one file of tensors.

        Raises:
            WeightsError: something is missing, damaged, does not fit, or holds NaN.
        """
        load_files(self.model, self.family, self.native, path)

    def prepare(self, video: Tensor) -> Tensor:
        """(x - mean) / std of each channel, in float32; [B, T, 3, H, W] in and out."""
        assert self.info.statistics is not None
        self._check_pixels(video)
        return normalise(video, self.info.statistics)

    def forward_layers(
        self, inputs: Tensor, layers: Sequence[int], *, norm: FinalNorm = "last"
    ) -> list[Tokens]:
        """Tokens of the asked layers: patches [B, T', h, w, D], prefix [B, T', P, D] where there is one.

        A model without a final norm gives the same under every `norm`.

        Raises:
            UnsupportedInputError: a layer does not exist, or the size or number of frames is not supported.
        """
        for layer in layers:
            if layer != 0:
                self.info.layer(layer)
        self._check_inputs(inputs)
        if not layers:
            return []
        seen = read_blocks(find_blocks(self.model)[1], lambda: self._run(inputs), layers)
        return [self._tokens(seen[layer], layer, norm, self._grid(inputs)) for layer in layers]

    def layer_of(self, parameter: str) -> int:
        """Layer of a parameter, by its name in `named_parameters()`; 0 = embeddings, `depth` = final norm."""
        name = name_within(self.model, parameter, self.info.name)
        blocks = f"{find_blocks(self.model)[0]}."
        if name.startswith(blocks):
            return int(name.removeprefix(blocks).partition(".")[0]) + 1
        final = find_norm(self.model)
        return self.info.depth if final is not None and name.startswith(f"{final[0]}.") else 0

    def _run(self, inputs: Tensor) -> object:
        return self.model(inputs if self.family.video else inputs.flatten(0, 1), **self.family.options)

    def _check_inputs(self, inputs: Tensor) -> None:
        self._check_pixels(inputs)
        tubelet = self.info.layers[0].tubelet
        if self.info.frames is not None and inputs.shape[1] != self.info.frames:
            raise UnsupportedInputError(
                f"`{self.info.name}` reads clips of {self.info.frames} frames, not of {inputs.shape[1]}: choose that "
                "many, or repeat frames."
            )
        if inputs.shape[1] % tubelet:
            raise UnsupportedInputError(
                f"`{self.info.name}` reads {tubelet} frames at a time, and {inputs.shape[1]} is no multiple of that: "
                "leave a frame out, or repeat one."
            )

    def _check_pixels(self, frames: Tensor) -> None:
        check_frames(frames, self.info.name, self.info.image_size)
        patch = self.info.layers[0].stride
        height, width = frames.shape[-2:]
        if height % patch or width % patch:
            raise UnsupportedInputError(
                f"`{self.info.name}` has patches of {patch} pixels, which do not fill {height}x{width}: resize or pad "
                f"the frames to multiples of {patch}."
            )

    def _grid(self, inputs: Tensor) -> tuple[int, int, int, int]:
        """B, T', h, w."""
        layer = self.info.layers[0]
        batch, frames = inputs.shape[:2]
        height, width = inputs.shape[-2:]
        return batch, frames // layer.tubelet, height // layer.stride, width // layer.stride

    def _tokens(self, tokens: Tensor, layer: int, norm: FinalNorm, grid: tuple[int, int, int, int]) -> Tokens:
        final = find_norm(self.model)
        if final is not None and (norm == "all" or (norm == "last" and layer == self.info.depth)):
            tokens = final[1](tokens)
        prefixes = len(self.info.prefix)
        prefix = tokens[:, :prefixes].reshape(*grid[:2], prefixes, -1) if prefixes else None
        return Tokens(tokens[:, prefixes:].reshape(*grid, -1), prefix)

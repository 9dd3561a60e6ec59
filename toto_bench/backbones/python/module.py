"""A torch module behind the backbone interface, read through the outputs of its submodules."""

from collections.abc import Sequence

from torch import Tensor, nn

from toto_bench.backbones.base import (
    Backbone,
    BackboneInfo,
    FinalNorm,
    Tokens,
    UnsupportedInputError,
)
from toto_bench.backbones.frames import check_frames, normalise
from toto_bench.backbones.python.outputs import read_outputs
from toto_bench.backbones.python.reading import Reading, as_grid


class ModuleBackbone(Backbone):
    """Made by `as_backbone`. What a submodule puts out is taken as it is: `norm` changes nothing."""

    def __init__(self, model: nn.Module, info: BackboneInfo, reading: Reading) -> None:
        super().__init__()
        self.model = model
        self.info = info
        self.reading = reading
        self.training = model.training

    def checkpointed(self) -> nn.Module:
        """The user's module."""
        return self.model

    def prepare(self, video: Tensor) -> Tensor:
        """(x - mean) / std of each channel, in float32; [B, T, 3, H, W] in and out."""
        self._check(video)
        assert self.info.statistics is not None
        return normalise(video, self.info.statistics)

    def forward_layers(
        self,
        inputs: Tensor,
        layers: Sequence[int],
        *,
        norm: FinalNorm = "last",  # noqa: ARG002 (the submodules were chosen with or without it)
    ) -> list[Tokens]:
        """Tokens of the asked layers; the forward pass ends at the deepest of them.

        Raises:
            UnsupportedInputError: a layer does not exist, or the frames are not what the model takes.
        """
        for layer in layers:
            self.info.layer(layer)
        self._check(inputs)
        names = [self.reading.names[layer - 1] for layer in layers]
        outputs = read_outputs(self.model, self._arranged(inputs), names)
        return [self._tokens(outputs[name], inputs, layer) for name, layer in zip(names, layers, strict=True)]

    def layer_of(self, parameter: str) -> int:
        """First layer whose submodule holds or follows a parameter; 0 before the first, `depth` after the last."""
        own = [f"model.{name}" for name, _ in self.model.named_parameters()]
        if not self.reading.layers or parameter not in own:
            return super().layer_of(parameter)
        place = own.index(parameter)
        spans = [
            [i for i, name in enumerate(own) if name.startswith(f"model.{layer}.")]
            for layer in self.reading.layers
        ]
        if spans[0] and place < spans[0][0]:
            return 0
        return next((i for i, span in enumerate(spans, 1) if span and place <= span[-1]), self.info.depth)

    def _check(self, frames: Tensor) -> None:
        check_frames(frames, self.info.name, self.info.image_size)
        if self.info.frames is not None and frames.shape[1] != self.info.frames:
            raise UnsupportedInputError(
                f"`{self.info.name}` reads clips of {self.info.frames} frames, not {frames.shape[1]}."
            )

    def _arranged(self, inputs: Tensor) -> Tensor:
        if self.reading.clip == "NCHW":
            return inputs.flatten(0, 1)
        return inputs if self.reading.clip == "BTCHW" else inputs.transpose(1, 2)

    def _tokens(self, output: Tensor, inputs: Tensor, layer: int) -> Tokens:
        times = 1 if self.reading.clip == "NCHW" else inputs.shape[1] // self.info.layer(layer).tubelet
        height, width = inputs.shape[-2:]
        patches, prefix = as_grid(output, (height, width), len(self.info.prefix), times)
        if self.reading.clip == "NCHW":
            batch = inputs.shape[:2]
            patches = patches.reshape(*batch, *patches.shape[2:])
            prefix = None if prefix is None else prefix.reshape(*batch, *prefix.shape[1:])
        elif prefix is not None:
            prefix = prefix[:, None]
        return Tokens(patches, prefix)

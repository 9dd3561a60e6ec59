"""A timm model behind the backbone interface."""

import math
from collections.abc import Sequence

from timm.layers.norm import LayerNorm2d
from torch import Tensor, nn

from toto_bench.backbones.base import (
    Backbone,
    BackboneInfo,
    FinalNorm,
    Statistics,
    Tokens,
    UnsupportedInputError,
)
from toto_bench.backbones.frames import check_frames, normalise
from toto_bench.backbones.parameters import name_within
from toto_bench.backbones.timm.groups import layer_numbers
from toto_bench.backbones.timm.intermediates import LayerOutput, is_isotropic, read_blocks, read_stages


class TimmBackbone(Backbone):
    """Frames are read one by one: B and T are folded into timm's batch.

    Layers are the blocks of a plain transformer, else the model's feature stages. Layer 0, the embeddings as
    they enter block 1, exists for plain transformers only.
    """

    def __init__(self, model: nn.Module, info: BackboneInfo, statistics: Statistics) -> None:
        super().__init__()
        self.model = model
        self.info = info
        self.statistics = statistics
        self.isotropic = is_isotropic(model)
        self._numbers: dict[str, int] | None = None

    def checkpointed(self) -> nn.Module:
        """The timm model: checkpoints have its keys."""
        return self.model

    def prepare(self, video: Tensor) -> Tensor:
        """(x - mean) / std of each channel, in float32; [B, T, 3, H, W] in and out."""
        check_frames(video, self.info.name, self.info.image_size)
        return normalise(video, self.statistics)

    def forward_layers(
        self, inputs: Tensor, layers: Sequence[int], *, norm: FinalNorm = "last"
    ) -> list[Tokens]:
        """Tokens of the asked layers: patches [B, T, h, w, D], prefix [B, T, P, D] where there is one.

        A model without a final norm (CNNs, Hiera) gives the same under every `norm`.

        Raises:
            UnsupportedInputError: a layer does not exist, the size is not supported, or the final norm is
                asked for on a stage of another width.
        """
        self._check_layers(layers, norm)
        check_frames(inputs, self.info.name, self.info.image_size)
        if not layers:
            return []
        read = read_blocks if self.isotropic else read_stages
        outputs = read(self.model, inputs.flatten(0, 1), sorted(set(layers)))
        for layer, output in outputs.items():
            self._check_grid(output, layer, inputs.shape[-2:])
        return [self._tokens(outputs[layer], layer, norm, inputs.shape[:2]) for layer in layers]

    def layer_of(self, parameter: str) -> int:
        """Layer of a parameter, by its name in `named_parameters()`; 0 = embeddings, `depth` = final norm."""
        if not hasattr(self.model, "group_matcher"):
            return super().layer_of(parameter)
        if self._numbers is None:
            self._numbers = layer_numbers(self.model, self.info.name, self._size)
        return self._numbers[name_within(self.model, parameter, self.info.name)]

    @property
    def _size(self) -> tuple[int, int]:
        """A size that the model reads."""
        if self.info.image_size is not None:
            return self.info.image_size
        assert self.info.native_size is not None
        return self.info.native_size, self.info.native_size

    @property
    def _final_norm(self) -> nn.Module | None:
        """The norm after the last layer: `norm`, or `fc_norm` where timm moved it behind the pooling."""
        for module in (getattr(self.model, name, None) for name in ("norm", "fc_norm")):
            if not isinstance(module, nn.Module) or isinstance(module, nn.Identity | LayerNorm2d):
                continue
            if self.isotropic or isinstance(module, nn.LayerNorm):
                return module
        return None

    def _check_layers(self, layers: Sequence[int], norm: FinalNorm) -> None:
        for layer in layers:
            if layer == 0 and self.isotropic:
                continue
            dim = self.info.layer(layer).dim
            if norm == "all" and self._final_norm is not None and dim != self.info.layers[-1].dim:
                raise UnsupportedInputError(
                    f"The final norm of `{self.info.name}` is {self.info.layers[-1].dim} wide and cannot "
                    f"follow layer {layer}, which is {dim} wide: take the final norm `last` or `none`."
                )

    def _check_grid(self, output: LayerOutput, layer: int, size: Sequence[int]) -> None:
        """Some models cut off what their strides leave over (ConvNeXt): tokens would miss a part of the frame."""
        stride = self.info.layer(max(layer, 1)).stride
        expected = tuple(math.ceil(side / stride) for side in size)
        found = tuple(output.patches.shape[1:3])
        if found != expected:
            raise UnsupportedInputError(
                f"`{self.info.name}` reads frames of {size[0]}x{size[1]} as {found[0]}x{found[1]} tokens in "
                f"layer {layer}, where a stride of {stride} makes {expected[0]}x{expected[1]}: it does not cover the "
                f"frame. Resize or pad frames to multiples of {self.info.layers[-1].stride}."
            )

    def _tokens(self, output: LayerOutput, layer: int, norm: FinalNorm, batch: tuple[int, ...]) -> Tokens:
        patches, prefix = output
        final = self._final_norm
        if final is not None and (norm == "all" or (norm == "last" and layer == self.info.depth)):
            patches = final(patches)
            prefix = None if prefix is None else final(prefix)
        if prefix is not None:
            prefix = prefix.reshape(*batch, *prefix.shape[1:])
        return Tokens(patches.reshape(*batch, *patches.shape[1:]), prefix)

"""Hiera on video, from the PyPI package `hiera-transformer`: a hierarchy of transformer stages over clips."""

import importlib
import json
import warnings
from collections.abc import Sequence
from typing import Any, TypeAlias

from torch import Tensor, nn

from toto_bench.backbones.base import (
    Backbone,
    BackboneInfo,
    FinalNorm,
    LayerInfo,
    Statistics,
    Tokens,
    UnsupportedInputError,
)
from toto_bench.backbones.frames import check_frames, normalise, preprocessing_id
from toto_bench.backbones.parameters import name_within
from toto_bench.backbones.seeding import seeded
from toto_bench.cards import BackboneCard, CardError

HieraModel: TypeAlias = Any
"""The package's model: a torch module, with attributes of its own."""


class VideoHiera(Backbone):
    """Layers are the stages. There is no layer 0, no prefix, and no final norm on maps: Hiera norms what it pooled."""

    def __init__(self, model: HieraModel, info: BackboneInfo, statistics: Statistics) -> None:
        super().__init__()
        self.model: HieraModel = model
        self.info = info
        self.statistics = statistics

    def checkpointed(self) -> nn.Module:
        """The package's model."""
        model: nn.Module = self.model
        return model

    def prepare(self, video: Tensor) -> Tensor:
        """(x - mean) / std of each channel, in float32; [B, T, 3, H, W] in and out."""
        check_frames(video, self.info.name, self.info.image_size)
        return normalise(video, self.statistics)

    def forward_layers(
        self,
        inputs: Tensor,
        layers: Sequence[int],
        *,
        norm: FinalNorm = "last",  # noqa: ARG002 (nothing is normed)
    ) -> list[Tokens]:
        """Maps [B, T', h, w, D] of the asked stages; later ones do not run.

        Raises:
            UnsupportedInputError: a stage does not exist, or the size or number of frames is not the model's.
        """
        for layer in layers:
            self.info.layer(layer)
        self._check(inputs)
        if not layers:
            return []
        maps = self._stages(inputs.transpose(1, 2), sorted(set(layers)))
        return [Tokens(maps[layer]) for layer in layers]

    def layer_of(self, parameter: str) -> int:
        """Stage of a parameter, by its name in `named_parameters()`; 0 = embeddings, 4 = the norm too."""
        name = name_within(self.model, parameter, self.info.name)
        part, _, rest = name.partition(".")
        if part == "blocks":
            block = int(rest.partition(".")[0])
            return next(stage for stage, end in enumerate(self.model.stage_ends, start=1) if block <= end)
        return self.info.depth if part == "norm" else 0

    def _check(self, inputs: Tensor) -> None:
        check_frames(inputs, self.info.name, self.info.image_size)
        if inputs.shape[1] != self.info.frames:
            raise UnsupportedInputError(
                f"`{self.info.name}` reads clips of {self.info.frames} frames, not of {inputs.shape[1]}: choose that "
                "many, or repeat frames."
            )

    def _stages(self, clips: Tensor, stages: Sequence[int]) -> dict[int, Tensor]:
        """Outputs of stages; `clips` are [B, 3, T, H, W]. Tokens are in windows between the blocks."""
        model = self.model
        ends = {model.stage_ends[stage - 1]: stage for stage in stages}
        tokens = model.unroll(model.patch_embed(clips) + model.get_pos_embed())
        maps: dict[int, Tensor] = {}
        for number, block in enumerate(model.blocks[: max(ends) + 1]):
            tokens = block(tokens)
            if number in ends:
                maps[ends[number]] = model.reroll(tokens, number)
        return maps


def build(card: BackboneCard, *, seed: int, image_size: tuple[int, int] | None = None) -> VideoHiera:
    """An untrained backbone on the CPU, in eval mode; the same seed gives the same weights.

    Args:
        card: `architecture.arguments` are those of the package's `Hiera`.
        seed: of the random initialisation; the global random state is left alone.
        image_size: height and width; only the model's own, whose positions are learnt.

    Raises:
        CardError: the package refuses the arguments.
        UnsupportedInputError: another `image_size` was asked for.
    """
    arguments = {key: _plain(value) for key, value in card.architecture.arguments.items()}
    with seeded(seed):
        try:
            model = _hiera().Hiera(num_classes=1, **arguments)
        except (AssertionError, TypeError, ValueError, IndexError) as error:
            raise CardError(
                f"`{card.name}`: hiera-transformer refuses the card's arguments: {error}."
            ) from error
    model.head = nn.Identity()
    frames, height, width = model.config["input_size"]
    if image_size not in {None, (height, width)}:
        raise UnsupportedInputError(
            f"`{card.name}` reads frames of {height}x{width} only, where its positions were learnt: leave the image "
            "size out."
        )
    if card.architecture.mean is None or card.architecture.std is None:
        raise CardError(f"`{card.name}`: `architecture.mean` and `architecture.std` are missing.")
    statistics = Statistics(card.architecture.mean, card.architecture.std)
    info = BackboneInfo(
        name=card.name,
        layers=_layers(model),
        default_layer=len(model.stage_ends),
        preprocessing=preprocessing_id(statistics),
        weights=f"random:{seed}",
        architecture=f"hiera-transformer:{json.dumps(card.architecture.arguments, sort_keys=True)}",
        frames=frames,
        image_size=(height, width),
        native_size=card.architecture.image_size,
        statistics=statistics,
        checkpoint="random",
        floor=True,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
    )
    return VideoHiera(model, info, statistics).eval()


def _hiera() -> Any:
    """The package; it imports timm by a path that timm warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return importlib.import_module("hiera")


def _layers(model: HieraModel) -> tuple[LayerInfo, ...]:
    """Width, stride and tubelet of each stage: pooling comes with the first block of the next."""
    layers = []
    tubelet, _, stride = model.patch_stride
    for stage, end in enumerate(model.stage_ends):
        pooled = min(stage, model.q_pool)
        layers.append(
            LayerInfo(
                model.blocks[end].attn.dim_out,
                stride * model.q_stride[-1] ** pooled,
                tubelet * model.q_stride[0] ** pooled,
            )
        )
    return tuple(layers)


def _plain(value: Any) -> Any:
    """TOML has lists where the package wants tuples."""
    return tuple(value) if isinstance(value, list) else value

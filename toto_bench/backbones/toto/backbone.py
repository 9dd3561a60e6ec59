"""Toto behind the backbone interface: frames to ids, ids to tokens of every layer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from toto_bench.backbones.base import (
    Backbone,
    BackboneInfo,
    FinalNorm,
    Tokens,
    UnsupportedInputError,
)
from toto_bench.backbones.frames import check_frames
from toto_bench.backbones.toto.cache import KeyValueCache
from toto_bench.backbones.toto.checkpoints import read_checkpoint
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.facts import info_of
from toto_bench.backbones.toto.loss import next_loss
from toto_bench.backbones.toto.sequences import Kind, kind_of, start_of
from toto_bench.backbones.toto.stream import Stream
from toto_bench.backbones.toto.tokenised import by_frame, expect_fitting, untrained
from toto_bench.backbones.toto.tokenizers import load_tokenizer
from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.backbones.toto.tokenizers.find import OWN_FILE
from toto_bench.backbones.toto.transformer import CausalTransformer
from toto_bench.backbones.weights import put_weights

_PARTS = ("tokenizer", "target")


class Toto(Backbone):
    """A causal transformer over the visual tokens of frames, in raster order, one frame after the other.

    The token of a patch is the state where its code is read, so that it has seen what comes before it, and itself.
    All frames of a clip make one sequence, so that a frame sees those before it; the start token tells a video from
    one image, and is not among the tokens that are given.

    The tokenizers are a part of reading frames, not of the network: they are never trained with it, stay in float32,
    and are not among its parameters.
    """

    config: TotoConfig
    tokenizer: Tokenizer
    """Makes the tokens that are read."""
    target: Tokenizer
    """Makes the tokens that are predicted."""

    def __init__(
        self,
        name: str,
        config: TotoConfig,
        tokenizer: Tokenizer,
        target: Tokenizer | None = None,
        *,
        seed: int = 0,
    ) -> None:
        """With random weights.

        Args:
            name: of the backbone.
            config: of its transformer.
            tokenizer: as the configuration says.
            target: None = the same.
            seed: that the random weights were drawn from.

        Raises:
            UnsupportedInputError: a tokenizer does not fit the configuration.
        """
        super().__init__()
        self.config = config
        self.model = CausalTransformer(config)
        self.tokenizer = tokenizer
        self.target = target or tokenizer
        self.info = info_of(name, config, self.model, seed)

    @property
    def info(self) -> BackboneInfo:
        """What a task has to know; the preprocessing is that of the tokenizer which is in place."""
        preprocessing = f"toto;{self.tokenizer.identity}"
        return replace(self._info, preprocessing=preprocessing, vocabulary=self.tokenizer.vocabulary)

    @info.setter
    def info(self, info: BackboneInfo) -> None:
        self._info = info

    def __setattr__(self, name: str, value: Any) -> None:
        """Keep tokenizers apart from the modules whose parameters are counted, trained and hashed."""
        if name not in _PARTS:
            super().__setattr__(name, value)
            return
        expect_fitting(value, self.config, reads=name == "tokenizer")
        object.__setattr__(self, name, value)

    def checkpointed(self) -> nn.Module:
        """The transformer."""
        return self.model

    def load_checkpoint(self, path: Path) -> None:
        """Take the transformer's weights from a file or folder, of any dialect, and trained tokenizers with them.

        A folder's own `tokenizer.safetensors` is the one that its transformer was trained on.

        Raises:
            WeightsError: something is missing, damaged, does not fit, or holds NaN; also of a tokenizer.
        """
        put_weights(read_checkpoint(path, self.config), self.model, str(path))
        shared = self.target is self.tokenizer
        own = path / OWN_FILE
        if own.is_file():
            self.tokenizer = load_tokenizer(self.config.tokenizer, path=own)
        elif untrained(self.tokenizer):
            self.tokenizer = load_tokenizer(self.config.tokenizer)
        if shared:
            self.target = self.tokenizer
        elif untrained(self.target):
            self.target = load_tokenizer(self.target.name)

    def prepare(self, video: Tensor) -> Tensor:
        """Codes int32 [B, T, h, w], or normalised patches float32 [B, T, h, w, 3 * patch**2].

        Raises:
            UnsupportedInputError: another shape, or sides that are no multiples of the patch.
        """
        check_frames(video, self.info.name)
        return by_frame(self.tokenizer, video)

    def prepare_targets(self, video: Tensor) -> Tensor:
        """As `prepare`, with the tokenizer of what is predicted, on the same grid of tokens.

        Frames are resized by area where its tokens stand for squares of another size (inferred: the paper has one
        16x16 grid for patches of 16 pixels and for the codes that they predict, which stand for 8).
        """
        check_frames(video, self.info.name)
        if self.target.stride != self.config.patch:
            sides = [side * self.target.stride // self.config.patch for side in video.shape[-2:]]
            resized = F.interpolate(video.flatten(0, 1).float(), size=sides, mode="area")
            video = torch.unflatten(resized, 0, video.shape[:2])
        return by_frame(self.target, video)

    def forward_layers(
        self, inputs: Tensor, layers: Sequence[int], *, norm: FinalNorm = "last"
    ) -> list[Tokens]:
        """Tokens [B, T, h, w, D] of the asked layers, 0 = embeddings; later blocks and the head do not run.

        Raises:
            UnsupportedInputError: a layer does not exist, or the inputs are no codes (or patches).
        """
        self._check(inputs, layers)
        if not layers:
            return []
        return self._read(inputs, layers, norm)

    def forward_with_loss(
        self,
        inputs: Tensor,
        layers: Sequence[int],
        *,
        targets: Tensor | None = None,
        norm: FinalNorm = "last",
        kind: Kind | None = None,
    ) -> tuple[Tensor, list[Tokens]]:
        """The loss of the next token (or patch), and the tokens of the asked layers, from one pass.

        Args:
            inputs: what `prepare` returned.
            layers: 1..depth, 0 = embeddings.
            targets: what `prepare_targets` returned, if another tokenizer makes what is predicted.
            norm: which layers pass the final norm.
            kind: of the sequences; None = a frame alone is an image, several are a video.

        Raises:
            UnsupportedInputError: as `forward_layers`; or the targets are missing, or do not fit.
        """
        self._check(inputs, layers)
        if targets is None:
            if self.target is not self.tokenizer:
                raise UnsupportedInputError(
                    f"`{self.info.name}` reads `{self.tokenizer.name}` and predicts `{self.target.name}`: pass "
                    "`targets`, which `prepare_targets` makes."
                )
            targets = inputs
        kind = kind or kind_of(inputs.shape[1])
        *states, last = self.model(self._embed(inputs, kind=kind), [*layers, self.config.depth])
        loss = next_loss(self.model, last, targets, kind)
        return loss, self._tokens(states, inputs, layers, norm)

    def stream(self, layers: Sequence[int], *, norm: FinalNorm = "last") -> Stream:
        """A video whose frames come one by one; see `Stream` for what is exact.

        Raises:
            UnsupportedInputError: a layer does not exist, or the transformer keeps no keys and values (Mamba).
        """
        self._check_layers(layers)
        if self.config.style == "mamba":
            raise UnsupportedInputError(f"`{self.info.name}` cannot read frame by frame: read whole clips.")

        def read(frames: Tensor, cache: KeyValueCache) -> list[Tokens]:
            self._check(frames, layers)
            return self._read(frames, layers, norm, cache)

        return Stream(read, self.config.depth)

    def layer_of(self, parameter: str) -> int:
        """Layer of a parameter, by its name in `named_parameters()`; 0 = embeddings, `depth` = norm and head too."""
        name = parameter.removeprefix("model.")
        if not parameter.startswith("model.") or name not in dict(self.model.named_parameters()):
            raise UnsupportedInputError(f"`{self.info.name}` has no parameter `{parameter}`.")
        part, _, rest = name.partition(".")
        if part == "blocks":
            return int(rest.partition(".")[0]) + 1
        return self.config.depth if part in ("norm", "head") else 0

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Toto":
        """Tokenizers follow to another device, and stay in their number type."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        device = next(self.model.parameters()).device
        for part in (self.tokenizer, self.target):
            part.to(device)
        return self

    def _check_layers(self, layers: Sequence[int]) -> None:
        for layer in layers:
            if layer != 0:
                self.info.layer(layer)

    def _check(self, inputs: Tensor, layers: Sequence[int]) -> None:
        self._check_layers(layers)
        width = 3 * self.config.patch**2
        if self.config.reads_patches:
            fits = inputs.ndim == 5 and inputs.is_floating_point() and inputs.shape[4] == width
            expected = f"float32 patches [B, T, h, w, {width}]"
        else:
            fits = inputs.ndim == 4 and not inputs.is_floating_point() and inputs.dtype != torch.bool
            expected = "integer codes [B, T, h, w]"
        if not fits or 0 in inputs.shape:
            raise UnsupportedInputError(
                f"`{self.info.name}` reads {expected}, which `prepare` makes of frames, not {inputs.dtype} "
                f"{list(inputs.shape)}."
            )

    def _read(
        self, inputs: Tensor, layers: Sequence[int], norm: FinalNorm, cache: KeyValueCache | None = None
    ) -> list[Tokens]:
        return self._tokens(self.model(self._embed(inputs, cache), layers, cache=cache), inputs, layers, norm)

    def _embed(
        self, inputs: Tensor, cache: KeyValueCache | None = None, *, kind: Kind | None = None
    ) -> Tensor:
        """Embeddings of the start token and all tokens of the frames; of the latter alone where a stream goes on."""
        if self.config.reads_patches:
            tokens = self.model.embed_patches(inputs.flatten(1, 3))
        else:
            tokens = self.model.embed_ids(inputs.flatten(1).long() + self.config.code_offset)
        if cache is not None and cache.length:
            return tokens
        # A stream is a video from its first frame on, whether others follow or not.
        kind = kind or (kind_of(inputs.shape[1]) if cache is None else "video")
        start = torch.full((len(inputs), 1), start_of(kind, self.config), device=inputs.device)
        return torch.cat([self.model.embed_ids(start).to(tokens.dtype), tokens], dim=1)

    def _tokens(
        self, states: Sequence[Tensor], inputs: Tensor, layers: Sequence[int], norm: FinalNorm
    ) -> list[Tokens]:
        """States without the start token, in the shape of the frames."""
        grid = inputs.shape[1:4]
        outputs = []
        for layer, state in zip(layers, states, strict=True):
            patches = state[:, -grid.numel() :]
            if norm == "all" or (norm == "last" and layer == self.config.depth):
                patches = self.model.norm(patches)
            outputs.append(Tokens(torch.unflatten(patches, 1, grid)))
        return outputs

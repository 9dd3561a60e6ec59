"""The half of a Toto that reads frames: its tokenizers, and what they make."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor

from toto_bench.backbones.base import Backbone, BackboneInfo
from toto_bench.backbones.frames import check_frames
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenised import by_frame, expect_fitting, untrained
from toto_bench.backbones.toto.tokenizers import load_tokenizer
from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.backbones.toto.transformer import CausalTransformer

_PARTS = ("tokenizer", "target")


class Tokenising(Backbone):
    """A backbone whose inputs are tokens that tokenizers make of frames.

    The tokenizers are a part of reading frames, not of the network: they are never trained with it, stay in float32,
    and are not among its parameters.
    """

    config: TotoConfig
    model: CausalTransformer
    tokenizer: Tokenizer
    """Makes the tokens that are read."""
    target: Tokenizer
    """Makes the tokens that are predicted."""

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

    def take_tokenizers(self, own: Path | None = None) -> None:
        """Take trained tokenizers: that of the transformer's own weights, and others in the place of random ones.

        Args:
            own: file of the tokenizer that the transformer was trained on; None = where its weights are looked for.

        Raises:
            WeightsError: a file is missing, damaged, does not fit, or holds NaN.
        """
        shared = self.target is self.tokenizer
        if own is not None and self.tokenizer.file != own:
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

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Tokenizers follow to another device, and stay in their number type."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        device = next(self.model.parameters()).device
        for part in (self.tokenizer, self.target):
            part.to(device)
        return self

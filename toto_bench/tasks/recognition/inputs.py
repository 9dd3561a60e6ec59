"""From pixels to what a backbone reads, in front of the probes: in the main thread, on the run's device."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn

from toto_bench.backbones.base import Backbone, FinalNorm, Tokens
from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.frozen import INPUTS, TARGETS, KeptProbes, kept_features, tokens_of
from toto_bench.probing.joint import NEXT, JointProbes
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.encoding import NotFiniteError
from toto_bench.tasks.recognition.positions import with_positions

PIXELS = "pixels"
"""Key of a batch: uint8 [B, T, R, R, 3]."""
Augment = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Changes clips float32 [B, T, 3, R, R] in [0, 1] and their targets, of a training batch."""


def video_of(pixels: Tensor, device: str) -> Tensor:
    """Clips uint8 [B, T, R, R, 3] as float32 [B, T, 3, R, R] in [0, 1], on a device."""
    return pixels.to(device, non_blocking=True).permute(0, 1, 4, 2, 3).float().div(255)


def autocast(context: RunContext) -> AbstractContextManager[object]:
    """The number type that the backbone runs in."""
    dtype = getattr(torch, context.dtype)
    return torch.autocast(torch.device(context.device).type, dtype, enabled=dtype != torch.float32)


class Reader:
    """Tokens of clips, from a backbone that is only read, some clips at a time."""

    def __init__(
        self,
        backbone: Backbone,
        layers: Sequence[int],
        norm: FinalNorm,
        context: RunContext,
        *,
        clips: int,
        pooled: bool,
        again: bool = True,
        positions: bool = False,
    ) -> None:
        """With what is read of it.

        Args:
            backbone: on the run's device, in eval mode.
            layers: that are read.
            norm: which of them pass the final norm.
            context: of the run.
            clips: that go through the backbone at once.
            pooled: keep the means that linear heads read; else the patches, without prefix tokens.
            again: whether the same frames may come again, so that it is worth keeping what a tokenizer made of them.
            positions: whether tokens tell where they lie: see `with_positions`.
        """
        self.positions = positions
        self.backbone, self.layers, self.norm, self.context = backbone, tuple(layers), norm, context
        self.clips, self.pooled, self.again = clips, pooled, again

    @torch.no_grad()
    def features(self, pixels: Tensor) -> dict[str, Tensor]:
        """Features of uint8 [B, T, R, R, 3], as `kept_features` names them, on the device.

        Raises:
            NotFiniteError: they hold NaN or infinite values.
        """
        parts = [self._of(part) for part in torch.split(pixels, self.clips)]
        return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}

    def tokens(self, pixels: Tensor) -> list[Tokens]:
        """The same as tokens of each layer."""
        return tokens_of(self.features(pixels), self.layers)

    def _of(self, pixels: Tensor) -> dict[str, Tensor]:
        context = self.context
        video = video_of(pixels, context.device)
        inputs = context.prepare(self.backbone, video) if self.again else self.backbone.prepare(video)
        context.describe_input(video, inputs, self.layers)
        with autocast(context):
            tokens = self.backbone.forward_layers(inputs, self.layers, norm=self.norm)
        if self.positions:
            tokens = [with_positions(layer) for layer in tokens]
        if not self.pooled:
            tokens = [Tokens(layer.patches) for layer in tokens]
        found = kept_features(tokens, self.layers, pooled=self.pooled)
        expect_finite(found, self.backbone)
        return found


def expect_finite(features: dict[str, Tensor], backbone: Backbone) -> None:
    """Refuse features that no probe can learn from.

    Raises:
        NotFiniteError: names the layer.
    """
    for name, values in features.items():
        if not bool(values.isfinite().all()):
            raise NotFiniteError(
                f"`{backbone.info.name}` gave NaN or infinite features at layer {name.rpartition('.')[2]}. Check its "
                "weights; half precision overflows sooner than `--dtype float32`."
            )


class ProbesOnPixels(nn.Module):
    """A batch of pixels to the losses of probes on a backbone that stays as it is."""

    def __init__(self, reader: Reader, bank: ProbeBank) -> None:
        super().__init__()
        self.reader = reader
        self.inner = KeptProbes(bank)

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses, as `ProbeBank.forward`."""
        features = self.reader.features(batch[PIXELS])
        losses: dict[str, Tensor] = self.inner(features | {TARGETS: batch[TARGETS]})
        return losses


class TrainedOnPixels(nn.Module):
    """A batch of pixels to the losses of a backbone that is trained, and of the probes on it."""

    def __init__(
        self, inner: JointProbes, context: RunContext, augment: Augment | None = None, *, again: bool = False
    ) -> None:
        """On the same device; `again` as in `Reader`: training views are new each time as a rule."""
        super().__init__()
        self.inner, self.context, self.augment, self.again = inner, context, augment, again

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses, as `JointProbes.forward`."""
        backbone = self.inner.backbone
        video, targets = video_of(batch[PIXELS], self.context.device), batch[TARGETS]
        with torch.no_grad():
            if self.augment is not None:
                video, targets = self.augment(video, targets)
            inputs = self.context.prepare(backbone, video) if self.again else backbone.prepare(video)
            found = {INPUTS: inputs, TARGETS: targets}
            self.context.describe_input(video, found[INPUTS], self.inner.bank.layers)
            if self.inner.weight and predicts_others(backbone):
                found[NEXT] = backbone.prepare_targets(video)  # type: ignore[operator]
        with autocast(self.context):
            losses: dict[str, Tensor] = self.inner(found)
        return losses


def predicts_others(backbone: Backbone) -> bool:
    """Whether a backbone predicts the tokens of another tokenizer than it reads."""
    target = getattr(backbone, "target", None)
    return target is not None and target is not getattr(backbone, "tokenizer", None)

"""Probes on a backbone that only reads, or on features that were kept: what the training loop is given."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from toto_bench.backbones.base import Backbone, FinalNorm, Tokens
from toto_bench.probing.bank import ProbeBank

TARGETS = "targets"
"""Key of a batch: int64 [B] classes, or [B, C] shares."""
INPUTS = "inputs"
"""Key of a batch: what `Backbone.prepare` made of the clips."""


class FrozenProbes(nn.Module):
    """A batch of inputs to the losses of all probes, in one pass of a backbone that is not changed.

    The backbone is not a part of the module: it is neither trained, nor put into train mode, nor saved with it.
    """

    backbone: Backbone

    def __init__(self, backbone: Backbone, bank: ProbeBank, *, norm: FinalNorm = "last") -> None:
        """On the same device.

        Args:
            backbone: in eval mode.
            bank: whose layers are read.
            norm: which layers pass the final norm.
        """
        super().__init__()
        object.__setattr__(self, "backbone", backbone)
        self.bank, self.norm = bank, norm

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses, as `ProbeBank.forward`, of `inputs` and `targets`."""
        losses: dict[str, Tensor] = self.bank(self._tokens(batch), batch[TARGETS])
        return losses

    def logits(self, batch: dict[str, Tensor]) -> Tensor:
        """Of each probe, [P, B, C]; call `eval()` first."""
        return self.bank.logits(self._tokens(batch))

    @torch.no_grad()
    def _tokens(self, batch: dict[str, Tensor]) -> list[Tokens]:
        return self.backbone.forward_layers(batch[INPUTS], self.bank.layers, norm=self.norm)


class KeptProbes(nn.Module):
    """A batch of kept features to the losses of all probes: tokens, or vectors that were pooled before."""

    def __init__(self, bank: ProbeBank) -> None:
        super().__init__()
        self.bank = bank

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses, as `ProbeBank.forward`, of `targets` and the features that `kept_features` names."""
        losses: dict[str, Tensor] = self.bank(tokens_of(batch, self.bank.layers), batch[TARGETS])
        return losses

    def logits(self, batch: dict[str, Tensor]) -> Tensor:
        """Of each probe, [P, B, C]; call `eval()` first."""
        return self.bank.logits(tokens_of(batch, self.bank.layers))


def kept_features(tokens: Sequence[Tokens], layers: Sequence[int], *, pooled: bool) -> dict[str, Tensor]:
    """Tokens as a batch or a file holds them: `patches.N`, and `prefix.N` where there is one, of each layer N.

    Args:
        tokens: of each layer.
        layers: their numbers.
        pooled: keep the mean of the patches, [B, 1, 1, 1, D], and of each prefix token, [B, 1, P, D], in float32: all
            that linear heads read.
    """
    found = {}
    for layer, read in zip(layers, tokens, strict=True):
        patches, prefix = read.patches, read.prefix
        if pooled:
            patches = patches.mean((1, 2, 3), keepdim=True, dtype=torch.float32)
            prefix = None if prefix is None else prefix.mean(1, keepdim=True, dtype=torch.float32)
        found[f"patches.{layer}"] = patches
        if prefix is not None:
            found[f"prefix.{layer}"] = prefix
    return found


def tokens_of(batch: dict[str, Tensor], layers: Sequence[int]) -> list[Tokens]:
    """What `kept_features` took apart."""
    return [Tokens(batch[f"patches.{layer}"], batch.get(f"prefix.{layer}")) for layer in layers]

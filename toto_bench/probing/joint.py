"""Probes beside a backbone that is trained in the same pass: by its own loss, by theirs, or by both."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from toto_bench.backbones.base import Backbone, FinalNorm, SelfSupervised, Tokens
from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.errors import ProbeError
from toto_bench.probing.frozen import INPUTS, TARGETS
from toto_bench.probing.optimisers import probe_groups
from toto_bench.training.groups import Group, parameter_groups

NEXT = "next"
"""Key of a batch: what `prepare_targets` made of the clips, where a backbone predicts others than it reads."""


class JointProbes(nn.Module):
    """A batch to the backbone's loss and those of all probes.

    As the Toto paper has it (arXiv 2501.05453, 4.2): the next token trains the backbone, cross-entropy the probes on
    tokens that are cut off from it. Without the cut and without a loss of its own, the same is full fine-tuning.
    """

    def __init__(
        self,
        backbone: Backbone,
        bank: ProbeBank,
        *,
        weight: float = 1.0,
        stop_gradient: bool = True,
        norm: FinalNorm = "last",
        read: Callable[[Tokens], Tokens] | None = None,
    ) -> None:
        """On the same device.

        Args:
            backbone: that is trained.
            bank: whose layers are read.
            weight: of the backbone's own loss; 0 = that loss is not computed.
            stop_gradient: whether the probes' losses are kept from the backbone.
            norm: which layers pass the final norm.
            read: what becomes of the tokens of a layer before the probes read them; None = nothing.

        Raises:
            ProbeError: the backbone has no loss of its own, or nothing would train it.
        """
        super().__init__()
        if weight and not isinstance(backbone, SelfSupervised):
            raise ProbeError(
                f"`{backbone.info.name}` has no loss of its own to be adapted with: train probes on it as it is with "
                "`--set adaptation=frozen`, or fine-tune it."
            )
        if not weight and stop_gradient:
            raise ProbeError(
                "Nothing would train the backbone: it needs a loss of its own, or that of the probes."
            )
        self.backbone, self.bank = backbone, bank
        self.weight, self.stop_gradient, self.norm = weight, stop_gradient, norm
        self.read = read or _unchanged

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """`loss` and its parts, `self_supervised` and the mean `probe_loss`, of `inputs`, `targets` and any `next`."""
        own, tokens = self._read(batch)
        if self.stop_gradient:
            tokens = [type(layer)(layer.patches.detach(), _detached(layer.prefix)) for layer in tokens]
        losses: dict[str, Tensor] = self.bank([self.read(layer) for layer in tokens], batch[TARGETS])
        if own is None:
            return losses
        return losses | {"loss": losses["loss"] + self.weight * own, "self_supervised": own.detach()}

    @torch.no_grad()
    def logits(self, batch: dict[str, Tensor]) -> Tensor:
        """Of each probe, [P, B, C]; call `eval()` first."""
        tokens = self.backbone.forward_layers(batch[INPUTS], self.bank.layers, norm=self.norm)
        return self.bank.logits([self.read(layer) for layer in tokens])

    def groups(
        self,
        peak: float,
        *,
        weight_decay: float = 0.0,
        layer_decay: float = 1.0,
    ) -> list[Group]:
        """Parameters of backbone and probes.

        Args:
            peak: learning rate of the training, which the backbone's last norm and head would take without decay.
            weight_decay: of the backbone's matrices; probes have that of their settings.
            layer_decay: factor from each layer of the backbone to the one before it: block l of L takes it to the
                power L + 1 - l, embeddings L + 1 (MAE, BEiT).
        """
        groups = parameter_groups(
            self.backbone,
            weight_decay=weight_decay,
            layer_decay=layer_decay,
            layer_of=None if layer_decay == 1 else self.backbone.layer_of,
            depth=self.backbone.info.depth,
        )
        for group in groups:
            group["names"] = [f"backbone.{name}" for name in group["names"]]
        return [*groups, *probe_groups(self.bank, self, peak=peak)]

    def _read(self, batch: dict[str, Tensor]) -> tuple[Tensor | None, list[Any]]:
        layers = self.bank.layers
        if not self.weight:
            return None, self.backbone.forward_layers(batch[INPUTS], layers, norm=self.norm)
        options: dict[str, Any] = {} if self.norm == "last" else {"norm": self.norm}
        if NEXT in batch:
            options["targets"] = batch[NEXT]
        backbone: Any = self.backbone
        loss, tokens = backbone.forward_with_loss(batch[INPUTS], layers, **options)
        return loss, tokens


def _unchanged(tokens: Tokens) -> Tokens:
    return tokens


def _detached(prefix: Tensor | None) -> Tensor | None:
    return None if prefix is None else prefix.detach()

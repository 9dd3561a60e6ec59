"""All probes of a run: one pass over the data trains every layer, head and setting."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import torch
import torch.distributed as dist
from torch import Tensor, nn

from toto_bench.backbones.base import Tokens
from toto_bench.probing.attention import AttentionStack, BlockStack
from toto_bench.probing.settings import Head, Probe, Setting
from toto_bench.probing.stack import LinearStack, Stack

STACKS: dict[str, type[Stack]] = {
    "linear": LinearStack,
    "attention": AttentionStack,
    "attention-mlp": BlockStack,
}
"""By kind of head."""


class ProbeBank(nn.Module):
    """Every head on every layer with every setting. Probes do not see each other: each trains as it would alone.

    The loss is the sum over probes, so that the gradient of each is that of its own mean loss. All of it runs in the
    number type of the parameters (float32), also inside autocast. Batch norms take the statistics of the batch that
    they see: of a process, of a micro-batch.

    A probe whose loss is not finite (a learning rate of the grid that is too high) is taken out: it counts as
    `diverged`, its parameters stay zero, its logits are NaN, and the others go on undisturbed.
    """

    diverged: Tensor
    """bool [P]."""

    def __init__(
        self,
        layers: Mapping[int, int],
        heads: Sequence[Head],
        settings: Sequence[Setting],
        classes: int,
        *,
        seed: int = 0,
        prefix: Sequence[str] = (),
    ) -> None:
        """With first weights, which depend on seed, layer and head alone.

        Args:
            layers: number of a layer to the width of its tokens, in the order in which tokens will come.
            heads: shapes of probes, of different names.
            settings: hyper-parameters.
            classes: of the task.
            seed: of the run.
            prefix: what the prefix tokens of the backbone are (`BackboneInfo.prefix`).

        Raises:
            ProbeError: the heads of an attention do not divide the width of a layer.
        """
        super().__init__()
        self.layers, self.classes, self.settings = tuple(layers), classes, tuple(settings)
        stacks: list[Stack] = []
        for head in heads:
            for width, numbers in _by_width(layers).items():
                stack = STACKS[head.kind](
                    head, numbers, width=width, settings=settings, classes=classes, seed=seed
                )
                if isinstance(stack, LinearStack):
                    stack.prefix = tuple(prefix)
                stacks.append(stack)
        self.stacks = nn.ModuleList(stacks)
        self.register_buffer("diverged", torch.zeros(len(self.probes), dtype=torch.bool))

    @property
    def probes(self) -> tuple[Probe, ...]:
        """All P probes, in the order of `losses` and `logits`: stack by stack, setting by setting, layer by layer."""
        return tuple(
            Probe(layer, stack.head.name, setting)
            for stack in self.all_stacks()
            for setting in self.settings
            for layer in stack.layers
        )

    def forward(self, tokens: Sequence[Tokens], targets: Tensor) -> dict[str, Tensor]:
        """One step: `loss` (the sum over probes) and `probe_loss` (their mean, of those that have not diverged).

        Args:
            tokens: of each layer, in the order of `layers`. Detach them to keep the loss from the backbone.
            targets: int64 [B] classes, or [B, C] shares of classes.
        """
        self._silence()
        losses = self.losses(tokens, targets)
        if self.training and self._take_out(losses):
            self._silence()
            self._follow(False)  # the batch has been counted
            losses = self.losses(tokens, targets)
            self._follow(True)
        alive = ~self.diverged
        total = losses[alive].sum()
        return {"loss": total, "probe_loss": total.detach() / alive.sum()}

    def losses(self, tokens: Sequence[Tokens], targets: Tensor) -> Tensor:
        """Mean cross-entropy of each probe, [P]."""
        with torch.autocast(targets.device.type, enabled=False):
            found = [
                stack.losses(self._read_by(stack, tokens), targets).flatten() for stack in self.all_stacks()
            ]
        return torch.cat(found)

    @torch.no_grad()
    def logits(self, tokens: Sequence[Tokens]) -> Tensor:
        """Of each probe, [P, B, C]; NaN of those that diverged. Call `eval()` first, for batch norms."""
        with torch.autocast(tokens[0].patches.device.type, enabled=False):
            found = [stack.logits(self._read_by(stack, tokens)).flatten(0, 1) for stack in self.all_stacks()]
        logits = torch.cat(found) if len(found) > 1 else found[0]
        logits[self.diverged] = torch.nan
        return logits

    def all_stacks(self) -> list[Stack]:
        """Probes of one head and one width each."""
        return [stack for stack in self.stacks if isinstance(stack, Stack)]

    def _read_by(self, stack: Stack, tokens: Sequence[Tokens]) -> list[Tokens]:
        return [tokens[self.layers.index(layer)] for layer in stack.layers]

    def _take_out(self, losses: Tensor) -> bool:
        """Whether another probe has diverged, on any process; all of them at once are left to the caller."""
        found = ~losses.detach().isfinite()
        if dist.is_available() and dist.is_initialized():
            flags = found.int()
            dist.all_reduce(flags, dist.ReduceOp.MAX)
            found = flags.bool()
        new = found & ~self.diverged
        if not bool(new.any()) or bool(found.all()):
            return False
        self.diverged |= found
        return True

    def _follow(self, following: bool) -> None:
        for stack in self.all_stacks():
            if stack.moments is not None:
                stack.moments.following = following

    @torch.no_grad()
    def _silence(self) -> None:
        """Zeros for what diverged: the momentum of an optimiser would carry it on."""
        if not bool(self.diverged.any()):
            return
        first = 0
        for stack in self.all_stacks():
            for probe in stack.probes:
                for place in range(len(stack.layers)):
                    if self.diverged[first + place]:
                        for parameter in probe.parameters():
                            parameter[place].zero_()
                first += len(stack.layers)


def _by_width(layers: Mapping[int, int]) -> dict[int, list[int]]:
    groups = defaultdict(list)
    for layer, width in layers.items():
        groups[width].append(layer)
    return dict(groups)

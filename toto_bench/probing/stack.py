"""Probes with one head on layers of one width: their parameters are stacked over layers, one stack for each setting."""

import abc
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from toto_bench.backbones.base import Tokens
from toto_bench.probing.errors import ProbeError
from toto_bench.probing.initial import initial
from toto_bench.probing.moments import ChannelMoments
from toto_bench.probing.objective import classification_losses, stacked_linear
from toto_bench.probing.pool import pooled, width_of
from toto_bench.probing.settings import Head, Setting


class Stack(nn.Module, abc.ABC):
    """L layers x S settings. Parameters of a setting are tensors of their own, so that its optimiser may differ."""

    def __init__(
        self,
        head: Head,
        layers: Sequence[int],
        *,
        width: int,
        settings: Sequence[Setting],
        classes: int,
        seed: int,
    ) -> None:
        """With first weights.

        Args:
            head: of all probes.
            layers: numbers.
            width: of their tokens.
            settings: hyper-parameters on each layer.
            classes: of the task.
            seed: of the run.

        Raises:
            ProbeError: the heads of the attention do not divide the width.
        """
        super().__init__()
        if head.kind != "linear" and width % head.heads:
            raise ProbeError(
                f"{head.heads} attention heads cannot share the {width} channels of layer {layers[0]}: choose a number "
                "of heads that divides them."
            )
        self.head, self.layers = head, tuple(layers)
        first = [initial(head, layer, width, classes, seed) for layer in layers]
        stacked = {name: torch.stack([values[name] for values in first]) for name in first[0]}
        self.probes = nn.ModuleList(
            nn.ParameterDict({name: nn.Parameter(value.clone()) for name, value in stacked.items()})
            for _ in settings
        )
        self.moments: ChannelMoments | None = None
        if head.batch_norm:
            read = width_of(head.pooling, width) if head.kind == "linear" else width
            self.moments = ChannelMoments(len(layers), read)

    @property
    def kind(self) -> torch.dtype:
        """Number type of all parameters, in which tokens are read."""
        weight: Tensor = self.parts()[0]["weight"]
        return weight.dtype

    @abc.abstractmethod
    def vectors(self, tokens: Sequence[Tokens]) -> list[Tensor]:
        """What the last linear layer of each setting reads: S of [L, B, D]."""

    def losses(self, tokens: Sequence[Tokens], targets: Tensor) -> Tensor:
        """Mean cross-entropy of each probe, [S, L]; targets as in `classification_losses`."""
        return torch.stack(
            [
                classification_losses(vectors, probe["weight"], probe.get("bias"), targets)
                for vectors, probe in zip(self.vectors(tokens), self.parts(), strict=True)
            ]
        )

    def logits(self, tokens: Sequence[Tokens]) -> Tensor:
        """Of each probe, [S, L, B, C]."""
        return torch.stack(
            [
                stacked_linear(vectors, probe["weight"], probe.get("bias"))
                for vectors, probe in zip(self.vectors(tokens), self.parts(), strict=True)
            ]
        )

    def parts(self) -> list[nn.ParameterDict]:
        """Parameters of each setting, by name, stacked over layers."""
        return [probe for probe in self.probes if isinstance(probe, nn.ParameterDict)]

    def each(self, name: str) -> list[tuple[Tensor, ...]]:
        """A parameter of every setting, cut into its layers (at once: cutting one by one costs a copy each)."""
        return [probe[name].unbind(0) for probe in self.parts()]


class LinearStack(Stack):
    """Linear heads on a pooled vector; settings share the pooling and the batch norm."""

    prefix: tuple[str, ...] = ()
    """What the prefix tokens of the backbone are."""

    def vectors(self, tokens: Sequence[Tokens]) -> list[Tensor]:
        """The same for every setting.

        Raises:
            ProbeError: a [CLS] token is asked for, and there is none.
        """
        found = []
        for place, layer in enumerate(tokens):
            vector = pooled(layer, self.head.pooling, self.prefix, dtype=self.kind)
            if self.moments is not None:
                mean, rstd = self.moments(place, vector)
                vector = (vector - mean) * rstd
            found.append(vector)
        return [torch.stack(found)] * len(self.probes)

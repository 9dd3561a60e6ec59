"""The part of a policy that learns."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from toto_bench.backbones.seeding import seeded
from toto_bench.robots.policy.spec import PolicySpec

HIDDEN_GAIN, LAST_GAIN = math.sqrt(2), 0.01
"""Gains of the orthogonal initialisation (MVP, mvp/bc/actor.py, commit 8999ac5); the two embeddings keep PyTorch's."""


class PolicyHead(nn.Module):
    """Features to a learned linear layer, proprioception to another, both to an MLP with SELU (MVP).

    Features are standardised by buffers first, which `standardise` fills: backbones differ in scale by orders of
    magnitude, and one learning rate has to serve all.
    """

    def __init__(self, spec: PolicySpec, *, seed: int = 0) -> None:
        """Draw the weights from a seed."""
        super().__init__()
        self.chunk, self.actions = spec.chunk, len(spec.action.names)
        widths = [spec.embedding * (2 if spec.features else 1), *spec.hidden, self.chunk * self.actions]
        with seeded(seed):
            self.see = nn.Linear(spec.features, spec.embedding) if spec.features else None
            self.feel = nn.Linear(len(spec.proprio), spec.embedding)
            layers: list[nn.Module] = []
            for index, (before, after) in enumerate(pairwise(widths)):
                linear = nn.Linear(before, after)
                last = index == len(widths) - 2
                nn.init.orthogonal_(linear.weight, gain=LAST_GAIN if last else HIDDEN_GAIN)
                layers += [linear] if last else [linear, nn.SELU()]
            self.mlp = nn.Sequential(*layers)
        self.feature_mean: Tensor
        self.feature_std: Tensor
        self.register_buffer("feature_mean", torch.zeros(spec.features))
        self.register_buffer("feature_std", torch.ones(spec.features))

    def standardise(self, features: Tensor, *, smallest: float = 1e-6) -> None:
        """Take mean and standard deviation from features [n, F], n > 1."""
        self.feature_mean.copy_(features.mean(0))
        self.feature_std.copy_(features.std(0).clamp_min(smallest))

    def forward(self, features: Tensor | None, proprio: Tensor) -> Tensor:
        """Normalised actions [B, K, A].

        Args:
            features: [B, F]; None where the policy has no cameras.
            proprio: [B, P], normalised.
        """
        embedded = [self.feel(proprio)]
        if self.see is not None:
            assert features is not None
            embedded.insert(0, self.see((features - self.feature_mean) / self.feature_std))
        actions: Tensor = self.mlp(torch.cat(embedded, 1))
        return actions.reshape(-1, self.chunk, self.actions)

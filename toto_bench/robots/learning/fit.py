"""Training a policy's head on the expert's actions."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from toto_bench.robots.learning.demonstrations import ACTIONS, PROPRIO, SEEN, Aggregated, Demonstrations
from toto_bench.robots.policy import Normalisation, Policy, PolicyHead
from toto_bench.training.settings import Training
from toto_bench.training.trainer import Trainer

_AT_ONCE = 4096


class Cloning(nn.Module):
    """Mean squared error of actions in [-1, 1]."""

    def __init__(self, policy: Policy) -> None:
        """Train the head of a policy in place."""
        super().__init__()
        self.head: PolicyHead = policy.head
        self._reads = policy.spec.features > 0
        self._proprio = _Scale(policy.spec.proprio_statistics)
        self._actions = _Scale(policy.spec.action.statistics)

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The loss of a batch."""
        seen = batch[SEEN] if self._reads else None
        predicted = self.head(seen, self._proprio(batch[PROPRIO]))[:, 0]
        return {"loss": functional.mse_loss(predicted, self._actions(batch[ACTIONS]))}


class _Scale:
    """A normalisation in float32."""

    def __init__(self, statistics: Normalisation | None) -> None:
        self._mean = torch.tensor(statistics.mean if statistics else [0.0])
        self._std = torch.tensor(statistics.std if statistics else [1.0])

    def __call__(self, values: Tensor) -> Tensor:
        return (values - self._mean) / self._std


def fit(policy: Policy, data: Aggregated, settings: Training, folder: Path, identity: str) -> None:
    """Train a policy's head, from where the folder says it was; without a state there, from its present weights.

    Args:
        policy: its head is trained in place, on the CPU.
        data: all frames so far.
        settings: of the loop.
        folder: state and log of this training.
        identity: of everything that decides it.

    Raises:
        DivergedError: a loss or gradient is not finite.
        DiskError: a state could not be written.
    """
    module = Cloning(policy)
    Trainer(module, data, settings, folder, identity).run()
    module.eval()


@torch.inference_mode()
def error_of(policy: Policy, data: Demonstrations) -> float:
    """Mean squared error of a policy on frames."""
    module, total = Cloning(policy).eval(), 0.0
    for first in range(0, len(data), _AT_ONCE):
        part = [values[first : first + _AT_ONCE].float() for values in data]
        total += float(module(dict(zip((SEEN, PROPRIO, ACTIONS), part, strict=True)))["loss"]) * len(part[0])
    return total / len(data)

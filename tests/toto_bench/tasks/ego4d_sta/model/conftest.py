"""Small protocols, backbones and targets."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from toto_bench.backbones.base import Backbone, BackboneInfo, FinalNorm, LayerInfo, Tokens
from toto_bench.cards import find_task
from toto_bench.tasks.ego4d_sta.model import Targets
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol

NOUNS, VERBS = 3, 2


@pytest.fixture(autouse=True)
def seeded_and_single(one_thread: None) -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def small(**changes: Any) -> EgoStaProtocol:
    """The paper's protocol on a small plane, with few channels."""
    values = find_task("ego4d_sta").values("paper")
    return EgoStaProtocol(**{**values, "still_short_side": 128, "pyramid_channels": 16, **changes})


def objects(*boxes: Sequence[float], noun: int = 0, verb: int = 0, ttc: float = 0.5) -> Targets:
    """Objects of one kind."""
    count = len(boxes)
    return Targets(
        torch.tensor(boxes, dtype=torch.float32).reshape(count, 4),
        torch.full((count,), noun),
        torch.full((count,), verb),
        torch.full((count,), ttc),
    )


class Toy(Backbone):
    """Colours of patches, through two linear layers; the first has a loss of its own to predict brightness."""

    def __init__(self, dims: Sequence[int] = (6, 10), patch: int = 16) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(*pair) for pair in pairwise([3, *dims]))
        self.patch = patch
        layers = tuple(LayerInfo(dim, patch, 1) for dim in dims)
        self.info = BackboneInfo("toy", layers, len(dims), "toy", "random:0")

    def prepare(self, video: Tensor) -> Tensor:
        return (video - 0.5) * 4

    def forward_layers(
        self, inputs: Tensor, layers: Sequence[int], *, norm: FinalNorm = "last"
    ) -> list[Tokens]:
        return [Tokens(each) for each in self._read(inputs, layers)]

    def layer_of(self, parameter: str) -> int:
        return int(parameter.split(".")[1]) + 1

    def _read(self, inputs: Tensor, layers: Sequence[int]) -> list[Tensor]:
        x = nn.functional.avg_pool2d(inputs.flatten(0, 1), self.patch).movedim(1, -1)
        x = x.unflatten(0, inputs.shape[:2])
        states = [x]
        for block in self.blocks:
            states.append(block(states[-1]).tanh())
        return [states[layer] for layer in layers]


class LearningToy(Toy):
    """With a loss of its own, which only the first block feels."""

    def forward_with_loss(self, inputs: Tensor, layers: Sequence[int]) -> tuple[Tensor, list[Tokens]]:
        first, *asked = self._read(inputs, [1, *layers])
        return (first.mean(-1) - inputs.mean()).square().mean(), [Tokens(each) for each in asked]

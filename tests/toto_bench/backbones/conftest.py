"""Small backbones, and files in the layouts in which official weights come."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.load import build_backbone
from toto_bench.cards import BackboneCard, find_backbone

Shrink = Callable[[str], BackboneCard]


STAGES = {
    "resnet": {"layers": (1, 1, 1, 1)},
    "hiera": {"stages": (1, 1, 1, 1), "embed_dim": 24, "num_heads": 1},
}
"""Arguments that shrink models of stages, by the beginning of their name."""


def _shrunk(name: str) -> BackboneCard:
    """The card with two thin blocks, or one block per stage: same code, same keys per block."""
    card = find_backbone(name)
    arguments = {"num_heads": 4, **card.architecture.arguments, "depth": 2, "embed_dim": 96}
    layers: int | None = 2
    for model, few in STAGES.items():
        if card.architecture.model.startswith(model):
            arguments, layers = card.architecture.arguments | few, card.architecture.layers
    architecture = card.architecture.model_copy(update={"arguments": arguments, "layers": layers})
    return card.model_copy(update={"architecture": architecture})


@pytest.fixture
def shrunk() -> Shrink:
    return _shrunk


@pytest.fixture
def small() -> Backbone:
    return build_backbone(_shrunk("dino-s16"))


@pytest.fixture
def weights_folder(home: Path) -> Path:
    """Where weights are looked for, empty."""
    folder = home / "weights"
    folder.mkdir()
    return folder


@pytest.fixture
def video() -> torch.Tensor:
    return torch.rand(1, 2, 3, 50, 70, generator=torch.Generator().manual_seed(1))

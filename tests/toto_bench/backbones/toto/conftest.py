"""A tokenizer without weights, and small Totos on it."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from toto_bench.backbones.seeding import seeded
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.backbones.toto.tokenizers.patches import NormalisedPatches


class Brightness(Tokenizer):
    """A code is the mean brightness of a square of 8 pixels, in 60 steps."""

    name, vocabulary, stride, mapping, weights = "brightness", 60, 8, "mean", "none"

    def _encode(self, images: Tensor) -> Tensor:
        mean = torch.nn.functional.avg_pool2d(images.mean(1, keepdim=True), 8)[:, 0]
        return (mean * 59.99).long().clamp(0, 59)


class Other(Brightness):
    """Another tokenizer of as many codes."""

    name = "other"


SMALL = {
    "dim": 32,
    "heads": 4,
    "depth": 4,
    "mlp_dim": 48,
    "vocabulary": 60,
    "tokenizer": "brightness",
    "grid": 2,
}


def make(style: str = "llama", **changes: object) -> Toto:
    """A small Toto with random weights; `tokenizer` or `target` may be `patches` or `other`."""
    config = TotoConfig(**(SMALL | {"style": style} | changes))
    parts = {"brightness": Brightness, "other": Other, "patches": NormalisedPatches}
    tokenizer = parts[config.tokenizer]()
    target = None if config.target in (None, config.tokenizer) else parts[config.target]()
    with seeded(0):
        toto = Toto("small", config, tokenizer, target).eval()
    with torch.no_grad():  # norms that are not one, so that they are seen
        for number, (name, parameter) in enumerate(toto.named_parameters()):
            if "norm" in name and parameter.ndim == 1:
                parameter.add_(torch.linspace(-0.3, 0.3, len(parameter)).roll(number))
    return toto


@pytest.fixture
def make_toto() -> Callable[..., Toto]:
    return make


@pytest.fixture
def make_small() -> Callable[..., TotoConfig]:
    """The configuration of a small Toto, with changes."""
    return lambda **changes: TotoConfig(**(SMALL | changes))


@pytest.fixture
def video() -> Tensor:
    """Two clips of three frames, 16x24 pixels: 2x3 codes each."""
    return torch.rand(2, 3, 3, 16, 24, generator=torch.Generator().manual_seed(1))

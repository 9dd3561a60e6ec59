"""Tokenizers with few channels and few codes: same code, same keys."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from toto_bench.backbones.toto.tokenizers import build_tokenizer, dvae, sdvae, vae, vqgan
from toto_bench.backbones.toto.tokenizers.base import Tokenizer

Make = Callable[..., Tokenizer]

CODES = 40
"""Of the small tokenizers that have a constant for it."""


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Small networks wait longer for other threads than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dvae, "WIDTH", 8)
    monkeypatch.setattr(dvae, "CODES", CODES)
    monkeypatch.setattr(dvae.Dvae, "vocabulary", CODES)
    monkeypatch.setattr(vae, "WIDTHS", (32, 32, 64, 64))
    monkeypatch.setattr(sdvae, "CODES", CODES)
    monkeypatch.setattr(sdvae.SdVaeRandom, "vocabulary", CODES)
    for key in ("base_channels", "embed_dim", "latent_channels"):
        monkeypatch.setitem(vqgan.CONFIGURATION, key, 32)


@pytest.fixture
def frames() -> Tensor:
    """Five frames of noise, of two shades of it."""
    random = torch.Generator().manual_seed(3)
    return torch.rand(5, 3, 32, 48, generator=random) * torch.linspace(0.3, 1, 5)[:, None, None, None]


@pytest.fixture
def make() -> Make:
    """`make(name, seed=0)`: untrained, its scores spread so that codes differ from place to place."""

    def _make(name: str, *, seed: int = 0) -> Tokenizer:
        return build_tokenizer(name, seed=seed)

    return _make

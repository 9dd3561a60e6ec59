"""Places of tokens, and the head that reads them."""

import pytest
import torch

from toto_bench.backbones.base import Tokens
from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.settings import Head, Setting
from toto_bench.tasks.recognition.positions import with_positions


def test_every_place_has_a_code_of_its_own() -> None:
    patches = torch.ones(2, 3, 4, 5, 48)
    found = with_positions(Tokens(patches, prefix := torch.ones(2, 3, 1, 48)))
    assert found.prefix is prefix
    codes = found.patches[0].flatten(0, 2)
    distances = torch.cdist(codes, codes) + 100 * torch.eye(len(codes))
    assert distances.min() > 0.1
    assert torch.equal(found.patches[0], found.patches[1])


@pytest.mark.parametrize("size", [0.01, 1.0, 300.0])
def test_codes_are_as_large_as_the_tokens(size: float) -> None:
    patches = size * torch.randn(1, 2, 4, 4, 96, generator=torch.Generator().manual_seed(0))
    added = with_positions(Tokens(patches)).patches - patches
    assert added.square().mean().sqrt().item() == pytest.approx(size, rel=0.1)


def test_attention_learns_a_place_only_with_codes() -> None:
    """One token in 16 is bright; its place is the class. A set of tokens does not tell it."""
    labels = torch.arange(16).repeat(4)
    patches = torch.zeros(64, 1, 4, 4, 24)
    patches.flatten(1, 3)[torch.arange(64), labels] = 1.0
    found = {}
    for name, tokens in (("with", with_positions(Tokens(patches))), ("without", Tokens(patches))):
        bank = ProbeBank({1: 24}, [Head(kind="attention", heads=2)], [Setting(0.02)], 16)
        optimiser = torch.optim.AdamW(bank.parameters(), lr=0.02)
        for _ in range(60):
            optimiser.zero_grad()
            bank([tokens], labels)["loss"].backward()
            optimiser.step()
        bank.eval()
        found[name] = (bank.logits([tokens])[0].argmax(-1) == labels).float().mean().item()
    assert found["with"] > 0.9
    assert found["without"] < 0.2

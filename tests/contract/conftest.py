"""Full-size models, laid out once for all tests of this folder."""

from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec

import pytest
import torch

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.load import build_backbone
from toto_bench.cards import BackboneCard, find_backbone


@pytest.fixture(scope="session")
def expect_installed() -> Callable[[BackboneCard], None]:
    """Skips the test where the library of a card is missing."""

    def expect(card: BackboneCard) -> None:
        if card.needs is not None and find_spec(card.needs.module) is None:
            pytest.skip(f"{card.needs.module} is not installed")

    return expect


@pytest.fixture(scope="session")
def laid_out(expect_installed: Callable[[BackboneCard], None]) -> Callable[[str], Backbone]:
    """The real model of a card, without storage; one for all tests, so none may change it."""

    @cache
    def build(name: str) -> Backbone:
        card = find_backbone(name)
        expect_installed(card)
        with torch.device("meta"), pytest.MonkeyPatch.context() as patched:
            # Hiera's code reads the numbers of a linspace (rates of stochastic depth) as it is built.
            patched.setattr(torch, "linspace", partial(torch.linspace, device="cpu"))
            return build_backbone(card).to("meta")

    return build

"""The rules of backbone cards."""

import copy
from pathlib import Path
from typing import Any

import pytest

from toto_bench.cards import BackboneCard, CardError
from toto_bench.cards.base import parse

FILE = Path("eye.toml")
CONTENT: dict[str, Any] = {
    "name": "eye-b16",
    "family": "eye",
    "title": "Eye",
    "summary": "Sees.",
    "paper": "2020",
    "architecture": {"model": "vit", "layers": 12},
    "weights": {"licence": "MIT"},
}


def read(**changes: Any) -> BackboneCard:
    """The card with some keys changed."""
    return parse(BackboneCard, copy.deepcopy(CONTENT) | changes, FILE, where="variants.eye-b16")


def test_what_a_card_leaves_out_has_a_harmless_default() -> None:
    """No entry: announced; no pre-training: not trained."""
    card = read()
    assert not card.runnable
    assert not card.floor
    assert card.pretraining is None
    assert card.weights is not None
    assert card.weights.dialect == "same"


def test_an_entry_makes_it_runnable() -> None:
    """The entry decides."""
    assert read(entry="toto_bench.backbones.timm:build").runnable


def test_a_model_without_weights_is_allowed() -> None:
    """Floors have none."""
    content = copy.deepcopy(CONTENT)
    del content["weights"]
    assert parse(BackboneCard, content, FILE).weights is None


@pytest.mark.parametrize(
    ("changes", "key", "nearest"),
    [
        ({"titel": "x"}, "titel", "title"),
        (
            {"architecture": {"model": "vit", "layers": 1, "image_sice": 2}},
            "architecture.image_sice",
            "image_size",
        ),
        ({"weights": {"licence": "MIT", "sha265": "0"}}, "weights.sha265", "sha256"),
        ({"pretraining": {"data": [], "method": "x", "metod": "y"}}, "pretraining.metod", "method"),
    ],
)
def test_a_misspelt_key_gives_its_whole_path(changes: dict[str, Any], key: str, nearest: str) -> None:
    """The path starts with the variant."""
    with pytest.raises(CardError) as caught:
        read(**changes)
    message = str(caught.value)
    assert message == f"{FILE}: `variants.eye-b16.{key}` is not a known key. Did you mean `{nearest}`?"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"weights": {"licence": "MIT", "sha256": "abc"}}, "weights.sha256"),
        ({"architecture": {"model": "vit", "layers": 0}}, "architecture.layers"),
        ({"architecture": {"model": "vit", "layers": "many"}}, "architecture.layers"),
        ({"architecture": {"model": "vit", "layers": 1, "mean": [0.5]}}, "architecture.mean"),
        ({"architecture": {"model": "vit", "layers": 1, "position_embedding": "x"}}, "position_embedding"),
        ({"entry": "not an entry"}, "entry"),
        ({"name": "Eye B"}, "name"),
        ({"title": 3}, "title"),
    ],
)
def test_a_wrong_value_is_named(changes: dict[str, Any], key: str) -> None:
    """Digest, bound, type, length, choice, pattern."""
    with pytest.raises(CardError, match=key):
        read(**changes)


@pytest.mark.parametrize("key", sorted(set(CONTENT) - {"weights"}))
def test_a_missing_key_is_named(key: str) -> None:
    """Everything but the weights is needed."""
    content = copy.deepcopy(CONTENT)
    del content[key]
    with pytest.raises(CardError, match=f"eye.toml: `{key}` is missing: add it"):
        parse(BackboneCard, content, FILE)

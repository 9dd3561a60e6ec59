"""`run:FOLDER`: where it is looked for, and its card as a file."""

import pytest

from toto_bench.backbones.names import backbone_card
from toto_bench.backbones.trained import CARD_FILE, card_toml, find_trained
from toto_bench.cards import BackboneCard, CardError, find_backbone
from toto_bench.cards.base import parse, read_toml
from toto_bench.errors import RequestError


@pytest.fixture
def card():
    card = find_backbone("dino-s16")
    notes = ('quotes " and \\ and\nlines', "ä ∞ \x7f \x01")
    return card.model_copy(update={"notes": notes})


@pytest.mark.parametrize("name", ["dino-s16", "toto-base", "mvp-s16", "videomae-l16", "pixels"])
def test_a_card_survives_its_file(tmp_path, name):
    card = find_backbone(name)
    (tmp_path / CARD_FILE).write_text(card_toml(card))
    assert parse(BackboneCard, read_toml(tmp_path / CARD_FILE), tmp_path) == card


def test_strange_texts_survive(tmp_path, card):
    (tmp_path / CARD_FILE).write_text(card_toml(card))
    assert parse(BackboneCard, read_toml(tmp_path / CARD_FILE), tmp_path) == card


def test_where_it_is_looked_for(tmp_path, card, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "mine" / "backbone"
    folder.mkdir(parents=True)
    (folder / CARD_FILE).write_text(card_toml(card))
    for target in ("mine", "runs/mine", str(folder)):
        found = backbone_card(f"run:{target}")
        assert found.name == f"run:{target}"
        assert found.weights.folder == str(folder / "model.safetensors")
        assert found.pretraining.data == ("imagenet-1k",)
    assert find_trained("mine") is None  # a name alone may be a card's
    assert find_trained("runs/mine") is not None


def test_what_is_not_there_or_damaged(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match="there is no trained backbone"):
        backbone_card("run:mine")
    (tmp_path / CARD_FILE).write_text('name = "x"')
    with pytest.raises(CardError, match="`title` is missing"):
        backbone_card(f"run:{tmp_path}")


def test_code_that_no_card_names_is_not_run(tmp_path, card):
    """A folder from elsewhere may name anything that is installed."""
    (tmp_path / CARD_FILE).write_text(card_toml(card).replace(card.entry, "os:abort"))
    with pytest.raises(RequestError, match="built by `os:abort`, which no backbone card names"):
        backbone_card(f"run:{tmp_path}")

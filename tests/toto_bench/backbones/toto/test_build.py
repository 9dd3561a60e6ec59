"""From cards to Totos, and to tokens of real frames by one call."""

import pytest
import torch

from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.load import build_backbone, load_backbone
from toto_bench.backbones.status import status_of
from toto_bench.backbones.toto.build import config_of
from toto_bench.backbones.toto.checkpoints import write_checkpoint
from toto_bench.cards import CardError, backbone_cards, find_backbone

SMALL = {
    "dim": 32,
    "heads": 4,
    "mlp_dim": 48,
    "tokenizer": "patches",
    "vocabulary": 0,
    "patch": 16,
    "grid": 8,
}


@pytest.fixture
def card():
    """toto-base, small and reading patches: no weights but its own."""
    base = find_backbone("toto-base")
    architecture = base.architecture.model_copy(update={"arguments": SMALL, "layers": 3})
    return base.model_copy(update={"architecture": architecture})


def test_card_becomes_a_backbone_whose_weights_come_from_the_seed(card):
    one, again, other = (build_backbone(card, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one.model.head.weight, again.model.head.weight)
    assert not torch.equal(one.model.head.weight, other.model.head.weight)
    assert (one.info.depth, one.info.native_size, one.info.rope_base) == (3, 128, 10_000.0)
    assert (one.info.sequences, one.info.vocabulary, one.info.weights) == (True, None, "random:0")


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (SMALL | {"width": 3}, "`architecture.arguments.width`"),
        (SMALL | {"heads": 5}, "multiple of `heads`"),
        (SMALL | {"depth": 4}, "say 4"),
        (SMALL | {"grid": 9}, "frames of 128 pixels"),
    ],
)
def test_what_does_not_fit_a_card_is_named(arguments, fault, card):
    architecture = card.architecture.model_copy(update={"arguments": arguments})
    with pytest.raises(CardError, match=fault):
        config_of(card.model_copy(update={"architecture": architecture}))


def test_arguments_of_a_trained_backbone_may_repeat_what_follows(card):
    config = config_of(card)
    architecture = card.architecture.model_copy(
        update={"arguments": config.model_dump(mode="json", exclude_none=True) | {"image_size": 128}}
    )
    assert config_of(card.model_copy(update={"architecture": architecture})) == config


@pytest.mark.parametrize("name", ["toto-base", "toto-large", "toto-1b", "toto-large-32x32"])
def test_missing_weights_are_said_to_be_of_no_public_file_with_ways_on(name, home):
    with pytest.raises(MissingWeightsError) as caught:
        load_backbone(name)
    own, tokenizer = str(caught.value).split("\n\n")
    for part in (
        f"No weights of `{name}` are public",
        "`toto-bench pretrain`",
        "`--checkpoint PATH`",
        str(home / "weights" / f"{name}.safetensors"),
        "--random-init",
    ):
        assert part in own
    assert "come from" not in own
    assert "--download" not in own
    assert "tokenizer `dvae`" in tokenizer


def test_toto_bench_says_in_lists_that_no_weights_are_public():
    assert status_of(find_backbone("toto-large")) == "weights missing: none are public"


def test_a_file_of_ones_own_is_loaded_with_its_tokenizer(tmp_path, monkeypatch, card):
    trained = build_backbone(card, seed=5)
    write_checkpoint(tmp_path, trained.config, trained.model.state_dict())
    monkeypatch.setattr("toto_bench.backbones.load.backbone_card", lambda *_: card)
    loaded = load_backbone("toto-base", checkpoint=tmp_path / "model.safetensors")
    assert loaded.info.checkpoint == "file:model.safetensors"
    assert loaded.info.weights.startswith("sha256:")
    video = torch.rand(1, 2, 3, 32, 32)
    for one, other in zip(loaded.model.parameters(), trained.model.parameters(), strict=True):
        assert torch.equal(one, other)
    assert loaded.forward_layers(loaded.prepare(video), [3])[0].patches.shape == (1, 2, 2, 2, 32)


def test_weights_without_their_tokenizer_are_not_read_with_a_random_one(tmp_path, make_toto, monkeypatch):
    """Its codes would mean nothing to the transformer."""
    toto = make_toto()
    write_checkpoint(tmp_path, toto.config, toto.model.state_dict())
    toto.tokenizer.weights = "random:0"
    asked = []

    def missing(name):
        asked.append(name)
        raise MissingWeightsError("no file")

    monkeypatch.setattr("toto_bench.backbones.toto.tokenising.load_tokenizer", missing)
    with pytest.raises(MissingWeightsError):
        toto.load_checkpoint(tmp_path)
    toto.tokenizer.weights = "sha256:1"
    toto.target = type(toto.tokenizer)()
    toto.target.weights = "random:0"
    with pytest.raises(MissingWeightsError):
        toto.load_checkpoint(tmp_path)
    assert asked == ["brightness", "brightness"]


HIGH_BASE = (
    *("toto-base-32x32", "toto-large-32x32", "toto-1b-32x32"),
    "toto-large-dvae-16-32x32-rope50k",
)
"""Adapted to 32x32 tokens with the base that Table 4 marks; its other row with 32x32 tokens after 16x16 has none."""


def test_each_row_of_the_table_on_resolutions_has_a_card():
    """Tokens on a side and rotary base: dVAE/16, dVAE/32, dVAE/16-32, and the one that the table marks."""
    cards = backbone_cards()
    rows = ("toto-large-dvae", "toto-large-dvae-32x32", "toto-large-dvae-16-32x32", HIGH_BASE[-1])
    found = [(c.grid, c.rope_base) for name in rows for c in [config_of(cards[name])]]
    assert found == [(16, 10_000), (32, 10_000), (32, 10_000), (32, 50_000)]


def test_the_papers_cards_say_what_the_paper_says():
    cards = backbone_cards()
    sizes = {
        name: (c.dim, c.heads, c.depth)
        for name in ("toto-base", "toto-large", "toto-1b")
        for c in [config_of(cards[name])]
    }
    assert sizes == {
        "toto-base": (768, 12, 12),
        "toto-large": (1024, 16, 16),
        "toto-1b": (2048, 16, 22),
    }
    for name, card in cards.items():
        if card.family not in ("toto", "toto-design"):
            continue
        config = config_of(card)
        assert (config.video_start, config.video_end, config.image_start) == (1, 2, 3)
        assert config.rope_base == (50_000 if name in HIGH_BASE else 10_000)
        assert config.grid == (32 if "32x32" in name else 16)
        assert any("Inferred" in note for note in card.notes)
        assert not card.weights.public

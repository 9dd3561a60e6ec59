"""A Toto needs its tokenizer's file beside its own: missing together, fetched together, loaded together."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import toto_bench
from toto_bench.backbones import load
from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.load import build_backbone, load_backbone
from toto_bench.backbones.sources import local_places
from toto_bench.backbones.toto.tokenizers import build_tokenizer, dvae
from toto_bench.cards import BackboneCard, Weights, find_backbone
from toto_bench.errors import RequestError
from toto_bench.progress import Progress
from toto_bench.runner import plan


@pytest.fixture(autouse=True)
def card(monkeypatch: pytest.MonkeyPatch) -> BackboneCard:
    """`toto-base` with two thin blocks, whose weights could be downloaded."""
    shipped = find_backbone("toto-base")
    arguments = {"dim": 48, "heads": 4, "mlp_dim": 64, "vocabulary": dvae.CODES}
    architecture = shipped.architecture.model_copy(update={"arguments": arguments, "layers": 2})
    weights = Weights(url="https://example.org/toto.safetensors", licence="MIT")
    small = shipped.model_copy(update={"architecture": architecture, "weights": weights})
    for module in (load, plan):
        monkeypatch.setattr(module, "backbone_card", lambda *_: small)
    return small


def _write_toto(path: Path, card: BackboneCard) -> None:
    save_file(dict(build_backbone(card, seed=3).checkpointed().state_dict()), path)


def _write_tokenizer(path: Path) -> None:
    torch.save(build_tokenizer("dvae", seed=3).state_dict(), path)


def test_the_tokenizer_is_loaded_with_the_transformer(home: Path, card: BackboneCard) -> None:
    """From the weights folder; ids are then those of the trained one, and the preprocessing says so."""
    (home / "weights").mkdir()
    _write_toto(home / "weights" / "toto.safetensors", card)
    _write_tokenizer(home / "weights" / "dall-e-encoder.pkl")
    backbone = load_backbone("toto-base")
    video = torch.rand(1, 2, 3, 32, 32)
    expected = build_tokenizer("dvae", seed=3).encode(video[0])
    assert torch.equal(backbone.prepare(video)[0].long(), expected)
    assert "sha256:" in backbone.info.preprocessing
    assert backbone.info.vocabulary == dvae.CODES


def test_a_checkpoint_alone_is_not_enough(tmp_path: Path, card: BackboneCard) -> None:
    """Random codes would give numbers that mean nothing."""
    _write_toto(tmp_path / "mine.safetensors", card)
    with pytest.raises(MissingWeightsError, match="tokenizer `dvae`"):
        load_backbone("toto-base", checkpoint=tmp_path / "mine.safetensors")


@pytest.mark.parametrize("own", [True, False], ids=["--checkpoint", "card's weights"])
def test_download_fetches_what_is_missing(
    own: bool, home: Path, tmp_path: Path, card: BackboneCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tokenizer also beside a checkpoint of the user's own."""
    fetched = []

    def fetch(name: str, weights: Weights, progress: Progress) -> None:
        fetched.append(name)
        target = local_places(weights)[0]
        target.parent.mkdir(exist_ok=True)
        _write_tokenizer(target) if name == "dvae" else _write_toto(target, card)

    monkeypatch.setattr(load, "fetch_weights", fetch)
    _write_toto(tmp_path / "mine.safetensors", card)
    checkpoint = tmp_path / "mine.safetensors" if own else None
    backbone = load_backbone("toto-base", checkpoint=checkpoint, download=True)
    assert fetched == (["dvae"] if own else ["toto-base", "dvae"])
    assert "sha256:" in backbone.info.preprocessing


def test_nothing_is_fetched_when_not_all_can_be(card: BackboneCard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tokenizer of 215 MB is of no use without the model."""
    page = card.model_copy(update={"weights": Weights(page="https://example.org", licence="MIT")})
    for module in (load, plan):
        monkeypatch.setattr(module, "backbone_card", lambda *_: page)
    monkeypatch.setattr(load, "fetch_weights", lambda *_: pytest.fail("fetched"))
    with pytest.raises(MissingWeightsError) as caught:
        load_backbone("toto-base", download=True)
    first, second = str(caught.value).split("\n\n")
    assert first.startswith("The weights of `toto-base` are not on this machine")
    assert second.startswith("The weights of the tokenizer `dvae` are not on this machine")


def test_a_run_names_data_weights_and_tokenizer_in_one_error() -> None:
    """Before any work."""
    with pytest.raises(RequestError, match=r"^Three things are missing\. ") as caught:
        toto_bench.run("davis", "toto-base")
    for part in ("DAVIS-2017", "`toto-base`", "tokenizer `dvae`", "--data sample"):
        assert part in str(caught.value)

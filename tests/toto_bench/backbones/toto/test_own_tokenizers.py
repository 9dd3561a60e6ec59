"""Which tokenizers a Toto takes: those that its weights were trained with, each file read once."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from toto_bench.backbones.load import build_backbone, load_backbone
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.checkpoints import write_checkpoint
from toto_bench.backbones.toto.tokenizers import build_tokenizer, load
from toto_bench.backbones.toto.tokenizers.find import OWN_FILE
from toto_bench.backbones.trained import CARD_FILE, card_toml, trained_card
from toto_bench.cards import BackboneCard, find_backbone
from toto_bench.validation.build import check_build

VIDEO = torch.rand(1, 2, 3, 16, 24, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def card() -> BackboneCard:
    """toto-nano, with two thin blocks."""
    base = find_backbone("toto-nano")
    arguments = base.architecture.arguments | {"dim": 32, "heads": 2, "mlp_dim": 48}
    architecture = base.architecture.model_copy(
        update={"arguments": arguments, "layers": 2, "parameters_m": 0.1}
    )
    assert base.weights is not None
    weights = base.weights.model_copy(update={"sha256": None})
    return base.model_copy(update={"architecture": architecture, "weights": weights})


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where toto-bench's own cards and weights lie, empty."""
    for module in ("locate", "sources", "toto.tokenizers.registry"):
        monkeypatch.setattr(f"toto_bench.backbones.{module}.shipped", (tmp_path / "shipped").joinpath)
    return tmp_path / "shipped" / "backbones"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The tokenizers' files, as they are read."""
    seen: list[Path] = []
    real = load._fill

    def fill(tokenizer: torch.nn.Module, found: load.Found) -> None:
        seen.append(found.path)
        real(tokenizer, found)

    monkeypatch.setattr(load, "_fill", fill)
    return seen


def _write_tokenizer(path: Path, seed: int, dtype: torch.dtype = torch.float32) -> None:
    """Of random weights, far apart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = build_tokenizer("nano", seed=seed).state_dict()
    save_file({key: (value * (1 + seed)).to(dtype) for key, value in state.items()}, path)


@pytest.fixture
def make_folder(tmp_path: Path, card: BackboneCard) -> Callable[[int], Path]:
    """The folder of a trained backbone, with a tokenizer of its own."""

    def make(seed: int) -> Path:
        folder = tmp_path / f"trained-{seed}"
        toto = build_backbone(card, seed=seed)
        assert isinstance(toto, Toto)
        write_checkpoint(folder, toto.config, toto.model.state_dict())
        _write_tokenizer(folder / OWN_FILE, seed)
        (folder / CARD_FILE).write_text(card_toml(card))
        return folder

    return make


def test_shipped_weights_in_half_precision_are_loaded_through_the_card(
    card: BackboneCard, shipped: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transformer's and the tokenizer's, in float32, each once."""
    trained = build_backbone(card, seed=5)
    assert isinstance(trained, Toto)
    write_checkpoint(shipped / "toto-nano", trained.config, trained.model.state_dict(), dtype=torch.float16)
    (shipped / "toto-nano" / "toto.json").unlink()
    _write_tokenizer(shipped / "toto-nano" / "tokenizer.safetensors", 6, torch.float16)
    monkeypatch.setattr("toto_bench.backbones.load.backbone_card", lambda *_: card)
    loaded = load_backbone("toto-nano")
    assert isinstance(loaded, Toto)
    assert loaded.info.checkpoint == "card"
    assert loaded.target is loaded.tokenizer
    assert loaded.tokenizer.weights.startswith("sha256:")
    assert reads == [shipped / "toto-nano" / "tokenizer.safetensors"]
    for one, other in zip(loaded.model.parameters(), trained.model.parameters(), strict=True):
        assert one.dtype == torch.float32
        assert torch.equal(one, other.half().float())
    [tokens] = loaded.forward_layers(loaded.prepare(VIDEO), [2])
    assert tokens.patches.shape == (1, 2, 2, 3, 32)


@pytest.mark.parametrize("how", ["run", "folder", "file"])
def test_the_tokenizer_of_a_trained_folder_is_taken_and_read_once(
    how: str,
    card: BackboneCard,
    shipped: Path,
    make_folder: Callable[[int], Path],
    reads: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not the shipped one, whichever way it is named."""
    folder = make_folder(2)
    if how == "run":
        loaded = load_backbone(f"run:{folder}")
    else:
        monkeypatch.setattr("toto_bench.backbones.load.backbone_card", lambda *_: card)
        path = folder if how == "folder" else folder / "model.safetensors"
        loaded = load_backbone("toto-nano", checkpoint=path)
    assert isinstance(loaded, Toto)
    assert reads == [folder / OWN_FILE]
    assert loaded.target is loaded.tokenizer
    expected = load.load("nano", folder / OWN_FILE)
    assert loaded.tokenizer.weights == expected.weights
    assert torch.equal(loaded.prepare(VIDEO)[0].long(), expected.encode(VIDEO[0]))


def test_an_untrained_one_of_a_trained_folder_has_its_tokenizer(
    shipped: Path, make_folder: Callable[[int], Path]
) -> None:
    """A floor for the trained one reads the same tokens."""
    folder = make_folder(2)
    floor = load_backbone(f"run:{folder}", random_init=True)
    assert isinstance(floor, Toto)
    assert floor.tokenizer.weights == load.load("nano", folder / OWN_FILE).weights
    assert floor.info.weights.startswith("random")


def test_another_trained_tokenizer_takes_the_place_of_the_first(
    shipped: Path, make_folder: Callable[[int], Path], reads: list[Path]
) -> None:
    """And none takes it where none is named."""
    first, second = make_folder(2), make_folder(3)
    toto = load_backbone(f"run:{first}")
    assert isinstance(toto, Toto)
    toto.take_tokenizers()
    toto.take_tokenizers(first / OWN_FILE)
    assert reads == [first / OWN_FILE]
    toto.take_tokenizers(second / OWN_FILE)
    assert reads == [first / OWN_FILE, second / OWN_FILE]
    assert toto.target is toto.tokenizer
    assert toto.tokenizer.weights == load.load("nano", second / OWN_FILE).weights


def test_without_memory_for_weights_nothing_is_read(
    card: BackboneCard, shipped: Path, make_folder: Callable[[int], Path], reads: list[Path]
) -> None:
    """On the meta device a card is laid out; a file on the disk changes nothing about it."""
    _write_tokenizer(shipped / "toto-nano" / "tokenizer.safetensors", 6)
    trained = trained_card(str(make_folder(2)))
    reads.clear()
    for each in (card, trained):
        with torch.device("meta"):
            toto = build_backbone(each)
        assert isinstance(toto, Toto)
        assert all(parameter.is_meta for parameter in toto.parameters())
        assert list(check_build(each)) == []
    assert reads == []

"""Where tokenizers are looked for, and what is said when they are not there."""

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.locate import missing_weights
from toto_bench.backbones.toto.tokenizers import build_tokenizer, find, load_tokenizer, tokenizer_weights
from toto_bench.backbones.toto.tokenizers.find import find_tokenizer, missing_tokenizers
from toto_bench.cards import Architecture, BackboneCard, Weights

WITH_FILES = ("dvae", "vqgan-1k", "vqgan-16k", "sdvae-random")


def _card(weights: Weights | None = None, **arguments: object) -> BackboneCard:
    """Of a small Toto."""
    return BackboneCard(
        name="toto-test",
        family="toto",
        title="Test",
        entry="toto_bench.backbones.toto.build:build",
        summary="For tests.",
        paper="none",
        architecture=Architecture(
            model="toto", layers=2, arguments={"dim": 32, "heads": 2, "mlp_dim": 32, **arguments}
        ),
        weights=weights
        or Weights(page="https://example.org/toto", filename="toto-test.safetensors", licence="MIT"),
    )


@pytest.mark.parametrize("name", WITH_FILES)
def test_what_is_missing_is_said_with_source_terms_and_ways(name: str, home: Path) -> None:
    """One paragraph."""
    with pytest.raises(MissingWeightsError) as caught:
        load_tokenizer(name)
    text = str(caught.value)
    first = tokenizer_weights(name)[0]
    assert first.url is not None
    size = f"{first.megabytes:.0f} MB, " if first.megabytes else ""
    for part in (
        f"`{name}`",
        first.url,
        f"({size}licence: {first.licence})",
        "`--download`",
        "`--random-init`",
    ):
        assert part in text, part
    assert str(home / "weights" / str(first.filename)) in text
    assert "\n" not in text


def test_other_publications_of_the_same_encoder_are_named(home: Path) -> None:
    """One of them may be at hand."""
    with pytest.raises(MissingWeightsError, match=r"huggingface\.co/facebook/flava-image-codebook"):
        find_tokenizer("dvae")


@pytest.mark.parametrize(
    "place",
    [
        "weights/dall-e-encoder.pkl",
        "weights/encoder.pkl",
        "weights/flava-image-codebook.bin",
        "weights/dalle_encoder.pth",
    ],
)
def test_files_are_found_in_the_weights_folder(place: str, home: Path) -> None:
    """Under the name of the card, or of the address."""
    (home / "weights").mkdir()
    (home / place).write_bytes(b"here")
    found = find_tokenizer("dvae")
    assert found is not None
    assert found.path == home / place


@pytest.mark.parametrize("where", ["weights/hf/facebook/flava-image-codebook", "hub"])
def test_the_hubs_repository_is_read(where: str, home: Path) -> None:
    """A folder that we fetched, or the cache of the hub's client."""
    folder = home / where
    if where == "hub":
        folder = folder / "models--facebook--flava-image-codebook"
        (folder / "refs").mkdir(parents=True)
        (folder / "refs" / "main").write_text("abc")
        folder = folder / "snapshots" / "abc"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    random = build_tokenizer("dvae", seed=6)
    torch.save(random.state_dict(), folder / "pytorch_model.bin")
    loaded = load_tokenizer("dvae")
    assert torch.equal(
        loaded.get_parameter("blocks.input.weight"), random.get_parameter("blocks.input.weight")
    )


def test_a_repositorys_folder_without_tensors_is_not_the_tokenizer(home: Path) -> None:
    """It is said, as it may be why; another publication is looked for all the same."""
    folder = home / "weights/hf/facebook/flava-image-codebook"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    with pytest.raises(
        MissingWeightsError, match=r"flava-image-codebook has no model\.safetensors or pytorch"
    ):
        find_tokenizer("dvae")
    (home / "weights" / "dalle_encoder.pth").write_bytes(b"here")
    found = find_tokenizer("dvae")
    assert found is not None
    assert found.path == home / "weights" / "dalle_encoder.pth"


def test_a_folder_of_ones_own_without_tensors_is_named(tmp_path: Path) -> None:
    """With the files that it could have."""
    with pytest.raises(
        MissingWeightsError,
        match=r"no weights of the tokenizer `dvae`.*tokenizer\.safetensors, model\.safetensors or pytorch_model\.bin",
    ):
        load_tokenizer("dvae", path=tmp_path)


def test_in_the_folder_of_a_trained_backbone_the_tokenizers_file_is_taken(tmp_path: Path) -> None:
    """Not the transformer's."""
    save_file({"x": torch.zeros(1)}, tmp_path / "model.safetensors")
    save_file(build_tokenizer("nano", seed=8).state_dict(), tmp_path / "tokenizer.safetensors")
    assert load_tokenizer("nano", path=tmp_path).weights.startswith("sha256:")


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """With the tokenizer it was for."""
    with pytest.raises(MissingWeightsError, match=r"none\.pth.*`dvae`"):
        load_tokenizer("dvae", path=tmp_path / "none.pth")


def test_a_shipped_file_is_taken_and_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes with toto-bench, so there is nothing to fetch."""
    own = tmp_path / "tokenizer.safetensors"
    monkeypatch.setattr(find, "shipped_weights", lambda name: own if name == "nano" else None)
    with pytest.raises(MissingWeightsError, match=r"which is not there.*Install toto-bench again"):
        load_tokenizer("nano")
    save_file(build_tokenizer("nano", seed=8).state_dict(), own)
    loaded = load_tokenizer("nano")
    assert loaded.weights == load_tokenizer("nano", path=own).weights
    assert loaded.weights.startswith("sha256:")


def test_a_toto_misses_its_own_weights_and_its_tokenizers(home: Path) -> None:
    """Each is said once, with what can be fetched of it."""
    card = _card(tokenizer="vqgan-1k", target="dvae", patch=16)
    names = [(each.name, each.downloadable) for each in missing_weights(card)]
    assert names == [("toto-test", False), ("vqgan-1k", True), ("dvae", True)]
    (home / "weights").mkdir()
    (home / "weights" / "toto-test.safetensors").write_bytes(b"here")
    (home / "weights" / "encoder.pkl").write_bytes(b"here")
    assert [each.name for each in missing_weights(card)] == ["vqgan-1k"]


def test_one_tokenizer_for_both_is_missed_once() -> None:
    """The target is the same by default; patches are nobody's file."""
    assert [each.name for each in missing_tokenizers(_card())] == ["dvae"]
    assert [each.name for each in missing_tokenizers(_card(target="dvae"))] == ["dvae"]
    patches = _card(tokenizer="patches", target="patches", vocabulary=0, patch=16)
    assert missing_tokenizers(patches) == []


def test_a_trained_backbone_brings_its_tokenizer(tmp_path: Path) -> None:
    """In its folder."""
    card = _card(Weights(folder=str(tmp_path), licence="MIT"))
    assert [each.name for each in missing_tokenizers(card)] == ["dvae"]
    (tmp_path / "tokenizer.safetensors").write_bytes(b"here")
    assert missing_tokenizers(card, tmp_path) == []
    assert [each.name for each in missing_weights(card)] == []


def test_so_does_a_checkpoint_of_ones_own(tmp_path: Path) -> None:
    """A folder, or the file in one that has our settings too."""
    card = _card()
    (tmp_path / "model.safetensors").write_bytes(b"here")
    (tmp_path / "tokenizer.safetensors").write_bytes(b"here")
    assert missing_weights(card, tmp_path) == []
    assert [each.name for each in missing_weights(card, tmp_path / "model.safetensors")] == ["dvae"]
    (tmp_path / "toto.json").write_text("{}")
    assert missing_weights(card, tmp_path / "model.safetensors") == []


def test_addresses_and_digests_have_the_right_form() -> None:
    """Every source can be fetched, or found."""
    for name in WITH_FILES:
        for weights in tokenizer_weights(name):
            assert weights.repository or re.fullmatch(r"https://[\w.-]+/\S+", weights.url or "")
            assert weights.licence

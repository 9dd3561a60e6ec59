"""Files that are not what they should be: one clear paragraph each, and nothing is loaded."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from toto_bench.backbones.errors import (
    InvalidWeightsError,
    MismatchedWeightsError,
    UnreadableWeightsError,
    WrongFileError,
)
from toto_bench.backbones.toto.tokenizers import build_tokenizer, load_tokenizer, registry


@pytest.mark.parametrize("name", ["dvae", "vqgan-1k", "sdvae-random", "nano"])
def test_the_file_of_another_tokenizer_is_refused(name: str, tmp_path: Path) -> None:
    """With the names of what is missing and what is not expected."""
    other = "nano" if name == "dvae" else "dvae"
    torch.save(build_tokenizer(other).state_dict(), tmp_path / "other.pth")
    with pytest.raises(MismatchedWeightsError, match=r"other\.pth.*missing \(\d+\): .*unexpected \(\d+\): "):
        load_tokenizer(name, path=tmp_path / "other.pth")


@pytest.mark.parametrize("layout", ["pth", "safetensors"])
def test_a_file_that_was_cut_short_is_refused(layout: str, tmp_path: Path) -> None:
    """Of either format."""
    path = tmp_path / f"cut.{layout}"
    state = build_tokenizer("dvae").state_dict()
    if layout == "pth":
        torch.save(state, path)
    else:
        save_file(state, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnreadableWeightsError, match=r"cut\.(pth|safetensors): damaged or cut short"):
        load_tokenizer("dvae", path=path)


def test_nan_is_refused(tmp_path: Path) -> None:
    """By the name of the tensor."""
    state = dict(build_tokenizer("dvae").state_dict())
    key = "blocks.group_3.block_1.res_path.conv_2.weight"
    state[key] = torch.full_like(state[key], float("nan"))
    save_file(state, tmp_path / "nan.safetensors")
    with pytest.raises(InvalidWeightsError, match=rf"NaN.*`{key}`"):
        load_tokenizer("dvae", path=tmp_path / "nan.safetensors")


def test_a_decoder_is_no_encoder(tmp_path: Path) -> None:
    """OpenAI publishes both, with keys that are alike."""
    state = dict(build_tokenizer("dvae").state_dict())
    state["blocks.input.weight"] = torch.zeros(8, 40, 1, 1)
    save_file(state, tmp_path / "decoder.safetensors")
    with pytest.raises(MismatchedWeightsError, match=r"of another shape \(1\): `blocks\.input\.weight`"):
        load_tokenizer("dvae", path=tmp_path / "decoder.safetensors")


def test_a_found_file_is_held_to_its_digest_and_can_be_fetched_again(home: Path) -> None:
    """It lies where `--download` puts it, so removing it is the way on."""
    (home / "weights").mkdir()
    path = home / "weights" / "flava-image-codebook.bin"
    torch.save(build_tokenizer("dvae").state_dict(), path)
    with pytest.raises(
        WrongFileError, match=r"a846a928.*Remove `.*flava-image-codebook\.bin`; then `--download`"
    ):
        load_tokenizer("dvae")


def test_a_web_page_is_said_to_be_one(home: Path) -> None:
    """What a log-in page leaves behind."""
    (home / "weights").mkdir()
    [weights] = registry.tokenizer_weights("vqgan-1k")
    (home / "weights" / str(weights.filename)).write_text("<!DOCTYPE html><html><body>log in</body></html>")
    with pytest.raises(WrongFileError, match=r"this is a web page.*Remove"):
        load_tokenizer("vqgan-1k")


@pytest.mark.parametrize("name", ["dvae", "vqgan-1k", "sdvae-random", "nano"])
@pytest.mark.parametrize("key", [0, ("blocks", 1)])
def test_a_tensor_without_a_name_is_refused(name: str, key: object, tmp_path: Path) -> None:
    """A pickle can have any key."""
    torch.save({key: torch.zeros(1), "blocks.input.weight": torch.zeros(1)}, tmp_path / "keys.pth")
    with pytest.raises(MismatchedWeightsError, match=r"keys\.pth.*holds tensors alone, but this one holds `"):
        load_tokenizer(name, path=tmp_path / "keys.pth")

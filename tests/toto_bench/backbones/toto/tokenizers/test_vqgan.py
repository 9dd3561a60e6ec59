"""The VQGAN: official checkpoints into transformers' network, encoder and codebook alone."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from toto_bench.backbones.errors import MismatchedWeightsError
from toto_bench.backbones.pickled import stand_in
from toto_bench.backbones.toto.tokenizers import build_tokenizer, load, load_tokenizer
from toto_bench.backbones.toto.tokenizers.vqgan import Vqgan
from toto_bench.errors import RequestError

pytest.importorskip("transformers")

ENCODER = [
    "encoder.conv_in.weight",
    "encoder.down.4.block.1.conv2.weight",
    "encoder.down.4.attn.1.proj_out.weight",
    "encoder.down.2.block.0.nin_shortcut.bias",
    "encoder.down.3.downsample.conv.weight",
    "encoder.mid.attn_1.q.weight",
    "encoder.norm_out.weight",
    "quantize.embedding.weight",
    "quant_conv.weight",
    "post_quant_conv.bias",
]
"""Some of the keys of official checkpoints."""


@pytest.mark.parametrize(("name", "codes"), [("vqgan-1k", 1024), ("vqgan-16k", 16384)])
def test_the_full_size_is_that_of_the_release(name: str, codes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """29.30 million numbers in the encoder; 256-dimensional codes; attention at a sixteenth of 256 pixels alone."""
    monkeypatch.undo()  # the small sizes
    with torch.device("meta"):
        full = build_tokenizer(name)
    state = full.checkpointed().state_dict()
    assert set(ENCODER) <= set(state)
    assert (full.vocabulary, full.stride) == (codes, 16)
    assert state["quantize.embedding.weight"].shape == (codes, 256)
    encoder = sum(value.numel() for key, value in state.items() if key.startswith("encoder."))
    assert encoder / 1e6 == pytest.approx(29.30, abs=0.01)
    assert not any(".attn." in key and not key.startswith("encoder.down.4.") for key in state)
    assert not any(key.startswith("decoder.") for key in state)


def _official(seed: int) -> tuple[Vqgan, dict[str, Tensor]]:
    """A random tokenizer, and its state as an official file has it, with what only training needs."""
    tokenizer = build_tokenizer("vqgan-1k", seed=seed)
    assert isinstance(tokenizer, Vqgan)
    training = {"decoder.conv_in.weight": torch.zeros(2), "loss.discriminator.main.0.bias": torch.zeros(2)}
    return tokenizer, {**tokenizer.checkpointed().state_dict(), **training}


@pytest.mark.parametrize("wrapped", [True, False], ids=["Lightning", "state dict"])
def test_an_official_checkpoint_loads(wrapped: bool, tmp_path: Path, frames: Tensor) -> None:
    """Lightning names the class of a callback in it, which is not imported."""
    tokenizer, state = _official(7)
    callback = next(kind for kind in load.STAND_INS if kind.__name__ == "ModelCheckpoint")
    content = {"epoch": 1, "callbacks": {callback: {}}, "state_dict": state} if wrapped else state
    _save(content, tmp_path / "last.ckpt")
    loaded = load_tokenizer("vqgan-1k", path=tmp_path / "last.ckpt")
    assert torch.equal(loaded.encode(frames), tokenizer.encode(frames))
    assert len(loaded.encode(frames).unique()) > 1


def test_codes_are_the_nearest_vectors_of_the_codebook(frames: Tensor) -> None:
    """Of the encoder's output for pixels in [-1, 1], by Euclidean distance."""
    tokenizer, state = _official(7)
    codebook = state["quantize.embedding.weight"]
    with torch.no_grad():
        latents = tokenizer.vqvae.quant_conv(tokenizer.vqvae.encoder(2 * frames - 1))
    distances = torch.cdist(latents.movedim(1, -1).flatten(0, 2).double(), codebook.double())
    chosen = distances.gather(1, tokenizer.encode(frames).flatten()[:, None])[:, 0]
    torch.testing.assert_close(chosen, distances.min(dim=1).values)


def test_the_codebook_of_the_other_size_is_refused(tmp_path: Path) -> None:
    """By its shape."""
    _, state = _official(7)
    torch.save(state, tmp_path / "1k.ckpt")
    with pytest.raises(
        MismatchedWeightsError, match=r"quantize\.embedding\.weight.*\[1024, 32\].*\[16384, 32\]"
    ):
        load_tokenizer("vqgan-16k", path=tmp_path / "1k.ckpt")


def test_without_transformers_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is read."""
    monkeypatch.setattr(load, "installed", lambda module: module != "transformers")
    with pytest.raises(RequestError, match=r"pip install 'toto-bench\[hf\]'"):
        build_tokenizer("vqgan-1k")


def _save(content: object, path: Path) -> None:
    """Save, the stand-in for a class passing for the class."""
    import sys
    import types

    names = [
        "pytorch_lightning",
        "pytorch_lightning.callbacks",
        "pytorch_lightning.callbacks.model_checkpoint",
    ]
    with pytest.MonkeyPatch.context() as patched:
        for name in names:
            patched.setitem(sys.modules, name, types.ModuleType(name))
        kind = next(kind for kind in load.STAND_INS if kind.__name__ == "ModelCheckpoint")
        assert kind.__module__ == stand_in(f"{names[-1]}.ModelCheckpoint").__module__
        patched.setattr(sys.modules[names[-1]], "ModelCheckpoint", kind, raising=False)
        torch.save(content, path)

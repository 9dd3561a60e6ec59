"""SD's VAE: its keys and sizes are those that diffusers publishes; the random codebook is the same everywhere."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from toto_bench.backbones.toto.tokenizers import build_tokenizer, load_tokenizer
from toto_bench.backbones.toto.tokenizers.sdvae import SdVaeRandom

OLD = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
"""How the attention's parts are called in files from before diffusers 0.18."""


def test_the_full_size_is_that_of_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """34.16 million numbers in the encoder, in 106 of the release's 248 tensors; two more after it."""
    monkeypatch.undo()  # the small sizes
    with torch.device("meta"):
        full = build_tokenizer("sdvae-random")
    state = {key: tuple(value.shape) for key, value in full.state_dict().items()}
    encoder = [key for key in state if key.startswith("encoder.")]
    assert sum(full.get_parameter(key).numel() for key in encoder) == 34_163_592
    assert len(encoder) == 106
    assert set(state) - set(encoder) == {"quant_conv.weight", "quant_conv.bias"}
    some = {
        "encoder.conv_in.weight": (128, 3, 3, 3),
        "encoder.down_blocks.1.resnets.0.conv_shortcut.weight": (256, 128, 1, 1),
        "encoder.down_blocks.2.downsamplers.0.conv.weight": (512, 512, 3, 3),
        "encoder.mid_block.attentions.0.to_out.0.weight": (512, 512),
        "encoder.mid_block.attentions.0.group_norm.weight": (512,),
        "encoder.conv_norm_out.bias": (512,),
        "encoder.conv_out.weight": (8, 512, 3, 3),
        "quant_conv.weight": (8, 8, 1, 1),
    }
    assert some.items() <= state.items()
    assert "encoder.down_blocks.3.downsamplers.0.conv.weight" not in state


@pytest.mark.parametrize("old", [False, True], ids=["present names", "old names"])
def test_a_published_file_loads_without_its_decoder(old: bool, tmp_path: Path, frames: Tensor) -> None:
    """Under either name of the attention's parts."""
    random = build_tokenizer("sdvae-random", seed=4)
    state = dict(random.state_dict())
    if old:
        for ours, theirs in OLD.items():
            state = {
                key.replace(f"attentions.0.{ours}.", f"attentions.0.{theirs}."): t for key, t in state.items()
            }
        assert "encoder.mid_block.attentions.0.proj_attn.weight" in state
    state |= {"decoder.conv_in.weight": torch.zeros(2), "post_quant_conv.bias": torch.zeros(4)}
    save_file(state, tmp_path / "vae.safetensors")
    loaded = load_tokenizer("sdvae-random", path=tmp_path / "vae.safetensors")
    assert torch.equal(loaded.encode(frames), random.encode(frames))


def test_latents_are_scaled_means_of_an_eighth_of_the_size(frames: Tensor) -> None:
    """Log-variances are left out."""
    tokenizer = build_tokenizer("sdvae-random")
    assert isinstance(tokenizer, SdVaeRandom)
    with torch.no_grad():
        latents = tokenizer.latents(frames)
        moments = tokenizer.quant_conv(tokenizer.encoder(2 * frames - 1))
    assert latents.shape == (5, 4, 4, 6)
    assert torch.equal(latents, 0.18215 * moments[:, :4])


def test_codes_are_the_nearest_unit_vectors(frames: Tensor) -> None:
    """To the projected latent, brought to unit length."""
    tokenizer = SdVaeRandom().eval()
    with torch.no_grad():
        projected = tokenizer.latents(frames).movedim(1, -1).double() @ tokenizer.projection.double()
    unit = projected / projected.norm(dim=-1, keepdim=True)
    distances = torch.cdist(unit.flatten(0, 2), tokenizer.codebook.double())
    chosen = distances.gather(1, tokenizer.encode(frames).flatten()[:, None])[:, 0]
    torch.testing.assert_close(chosen, distances.min(dim=1).values, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(tokenizer.codebook.norm(dim=1), torch.ones(len(tokenizer.codebook)))


def test_the_codebook_depends_on_its_seed_alone() -> None:
    """It is no part of a weights file, and its seed stands in the identity."""
    torch.manual_seed(1)
    one = SdVaeRandom()
    torch.manual_seed(2)
    same, other = SdVaeRandom(), SdVaeRandom(codebook_seed=1)
    assert torch.equal(one.codebook, same.codebook)
    assert torch.equal(one.projection, same.projection)
    assert not torch.equal(one.codebook, other.codebook)
    assert one.mapping == same.mapping != other.mapping
    assert not {"codebook", "projection"} & set(one.state_dict())
    # RandomState(0) begins with these numbers, on every machine.
    bound = (6 / 20) ** 0.5
    expected = torch.tensor([0.5488135, 0.71518937, 0.60276338]) * 2 * bound - bound
    torch.testing.assert_close(one.projection[0, :3], expected)

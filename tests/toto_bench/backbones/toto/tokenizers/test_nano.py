"""Our own tokenizer: its codes, that they depend on a frame's own surroundings alone, its files."""

import math

import pytest
import torch
from safetensors.torch import load_file, save_file

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.toto.tokenizers import build_tokenizer, load_tokenizer
from toto_bench.backbones.toto.tokenizers.nano import CODES, LEVELS, STRIDE, NanoTokenizer
from toto_bench.errors import WeightsError


@pytest.fixture
def nano():
    """With weights that use many codes: an untrained one hardly changes its latents."""
    tokenizer = build_tokenizer("nano", seed=3)
    assert isinstance(tokenizer, NanoTokenizer)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in tokenizer.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.05)
        last = tokenizer.encoder[-1]
        last.weight.mul_(12)
    return tokenizer


@pytest.fixture
def images():
    return torch.rand(5, 3, 40, 56, generator=torch.Generator().manual_seed(1))


def test_shapes_and_range(nano, images):
    codes = nano.encode(images)
    assert codes.dtype == torch.int64
    assert codes.shape == (5, 5, 7)
    assert codes.min() >= 0 and codes.max() < CODES == nano.vocabulary == 1000
    assert len(codes.unique()) > 60
    decoded = nano.decode(codes)
    assert decoded.shape == images.shape
    assert decoded.dtype == torch.float32
    assert decoded.min() >= 0 and decoded.max() <= 1
    assert nano.stride == STRIDE == 8


def test_a_batch_and_its_neighbours_change_nothing(nano, images):
    together = nano.encode(images)
    assert torch.equal(together, torch.cat([nano.encode(image[None]) for image in images]))
    assert torch.equal(together.flip(0), nano.encode(images.flip(0)))
    others = torch.cat([images[:1], 1 - images[1:]])
    assert torch.equal(nano.encode(others)[0], together[0])
    nano.train()
    assert torch.equal(nano.encode(images), together)


def test_codes_know_nothing_of_far_away(nano):
    wide = torch.rand(1, 3, 40, 160, generator=torch.Generator().manual_seed(2))
    changed = wide.clone()
    changed[..., 120:] = 0.5
    before, after = nano.encode(wide), nano.encode(changed)
    assert torch.equal(before[..., :8], after[..., :8])
    assert not torch.equal(before[..., 15:], after[..., 15:])


def test_decode_gives_what_forward_gives(nano, images):
    with torch.no_grad():
        assert torch.allclose(nano.decode(nano.encode(images)), nano(images).clamp(0, 1), atol=1e-5)


def test_numbers_of_codes_are_mixed_radix(nano):
    latents = torch.tensor([[0.999, 0.0, 0.5, 1.0]]).view(1, 4, 1, 1)
    assert LEVELS == (8, 5, 5, 5)
    assert nano._codes(latents).item() == ((7 * 5 + 0) * 5 + 2) * 5 + 4
    assert nano.quantise(latents).flatten().tolist() == pytest.approx([7 / 8, -4 / 5, 0, 4 / 5], abs=1e-6)


def test_every_code_has_its_own_values(nano):
    codes = torch.arange(CODES).view(1, 1, CODES)
    seen = []
    nano.reconstruct = lambda values: seen.append(values) or values.new_zeros(1, 3, 8, 8 * CODES)
    nano.decode(codes)
    assert torch.equal(nano._codes((seen[0] + 1) / 2), codes)
    assert math.prod(LEVELS) == len(seen[0][0, :, 0].T.unique(dim=0))


def test_gradients_pass_the_rounding(nano, images):
    nano(images).square().mean().backward()
    assert all(
        parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in nano.parameters()
    )


@pytest.mark.parametrize(
    "codes", [torch.zeros(2, 2, dtype=torch.int64), torch.full((1, 2, 2), CODES), -torch.ones(1, 2, 2).long()]
)
def test_wrong_codes(nano, codes):
    with pytest.raises(ValueError, match=r"\[N, h, w\] in 0..999"):
        nano.decode(codes)


def test_sizes_that_squares_do_not_fill(nano):
    with pytest.raises(UnsupportedInputError, match="8 pixels"):
        nano.encode(torch.rand(1, 3, 40, 60))


def test_a_file_gives_the_same_codes(nano, images, tmp_path):
    path = tmp_path / "tokenizer.safetensors"
    save_file({key: value.half() for key, value in nano.state_dict().items()}, path)
    assert path.stat().st_size <= 3e6
    nano.load_state_dict(load_file(path))
    loaded = load_tokenizer("nano", path=path)
    assert torch.equal(loaded.encode(images), nano.encode(images))
    assert loaded.identity.startswith("nano;clamp to [0, 1], 2x - 1;fsq 8x5x5x5;sha256:")
    assert loaded.identity != build_tokenizer("nano").identity
    assert next(loaded.parameters()).dtype == torch.float32


def test_wrong_files(nano, tmp_path):
    path = tmp_path / "tokenizer.safetensors"
    state = nano.state_dict()
    save_file(state, path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(WeightsError, match="damaged or cut short") as error:
        load_tokenizer("nano", path=path)
    assert "\n" not in str(error.value)
    key = "encoder.1.weight"
    save_file({**state, key: torch.full_like(state[key], torch.nan)}, path)
    with pytest.raises(WeightsError, match=key):
        load_tokenizer("nano", path=path)
    save_file({**state, key: state[key][:1].clone()}, path)
    with pytest.raises(WeightsError, match="of another shape"):
        load_tokenizer("nano", path=path)
    save_file({"visual.proj": torch.ones(2)}, path)
    with pytest.raises(WeightsError, match="unexpected"):
        load_tokenizer("nano", path=path)

"""What every tokenizer keeps to."""

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.toto.tokenizers import TOKENIZERS, build_tokenizer, load_tokenizer
from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.backbones.weights import state_hash
from toto_bench.cards import UnknownNameError

Make = Callable[..., Tokenizer]
every = pytest.mark.parametrize("name", TOKENIZERS)
trained = pytest.mark.parametrize("name", [name for name in TOKENIZERS if name != "patches"])


@every
def test_codes_have_the_promised_shape_and_range(name: str, make: Make, frames: Tensor) -> None:
    """One token for each square of `stride` pixels, below the vocabulary; vectors where there is none."""
    tokenizer = make(name)
    codes = tokenizer.encode(frames)
    grid = (5, 32 // tokenizer.stride, 48 // tokenizer.stride)
    assert tokenizer.name == name
    if tokenizer.vocabulary is None:
        assert codes.dtype == torch.float32
        assert codes.shape == (*grid, 3 * tokenizer.stride**2)
        return
    assert codes.dtype == torch.int64
    assert codes.shape == grid
    assert codes.min() >= 0
    assert codes.max() < tokenizer.vocabulary
    assert len(codes.unique()) > 1


@every
def test_a_frame_has_the_same_codes_in_any_company(name: str, make: Make, frames: Tensor) -> None:
    """To the last bit: alone, in a batch of five, and in other orders."""
    tokenizer = make(name)
    together = tokenizer.encode(frames)
    alone = torch.cat([tokenizer.encode(frame[None]) for frame in frames])
    assert torch.equal(together, alone)
    assert torch.equal(tokenizer.encode(frames.flip(0)).flip(0), together)


@every
def test_surroundings_in_half_precision_change_nothing(name: str, make: Make, frames: Tensor) -> None:
    """Nor does training mode, which is given back; gradients are never kept."""
    tokenizer = make(name).train()
    with torch.autocast("cpu", torch.bfloat16):
        inside = tokenizer.encode(frames.requires_grad_())
    assert torch.equal(inside, make(name).encode(frames))
    assert not inside.requires_grad
    assert tokenizer.training


@every
def test_another_layout_in_memory_changes_nothing(name: str, make: Make, frames: Tensor) -> None:
    """Frames of a video file come with their channels last."""
    tokenizer = make(name)
    other = frames.to(memory_format=torch.channels_last)
    found, expected = tokenizer.encode(other), tokenizer.encode(frames)
    if tokenizer.vocabulary is None:
        torch.testing.assert_close(found, expected)
    else:
        assert torch.equal(found, expected)


@every
def test_no_frames_have_no_codes(name: str, make: Make) -> None:
    """As many as were given."""
    tokenizer = make(name)
    codes = tokenizer.encode(torch.empty(0, 3, 32, 64))
    assert codes.shape[:3] == (0, 32 // tokenizer.stride, 64 // tokenizer.stride)
    assert codes.dtype == tokenizer.encode(torch.zeros(1, 3, 32, 64)).dtype


@every
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda frames: frames[..., :-1], "do not divide into"),
        (lambda frames: frames[..., :0, :], "do not divide into"),
        (lambda frames: frames[0], r"\[N, 3, H, W\]"),
        (lambda frames: frames.permute(0, 2, 3, 1), r"\[N, 3, H, W\]"),
        (lambda frames: (frames * 255).to(torch.uint8), "divide by 255"),
        (lambda frames: frames * 255, "values from"),
        (lambda frames: frames / 0, "values from|NaN"),
        (lambda frames: torch.where(frames > 0.9, float("nan"), frames), "NaN"),
    ],
    ids=["width", "no rows", "one frame", "channels last", "bytes", "0 to 255", "infinite", "NaN"],
)
def test_frames_of_another_kind_are_refused(
    name: str, make: Make, frames: Tensor, spoil: Callable[[Tensor], Tensor], message: str
) -> None:
    """By a sentence that names the tokenizer."""
    with pytest.raises(UnsupportedInputError, match=f"`{name}`.*({message})"):
        make(name).encode(spoil(frames))


@every
def test_pixels_that_resizing_overshot_are_read(name: str, make: Make, frames: Tensor) -> None:
    """Bicubic resizing leaves [0, 1] a little."""
    make(name).encode(frames * 1.2 - 0.1)


@trained
def test_random_weights_are_those_of_the_seed(name: str, make: Make) -> None:
    """And say so, without disturbing anybody's random numbers."""
    before = torch.get_rng_state()
    one, same, other = make(name, seed=1), make(name, seed=1), make(name, seed=2)
    assert state_hash(one) == state_hash(same) != state_hash(other)
    assert one.identity == same.identity != other.identity
    assert one.weights == "random:1"
    assert torch.equal(torch.get_rng_state(), before)


def test_no_two_tokenizers_share_an_identity(make: Make) -> None:
    """Their codes would be taken for each other's."""
    assert len({make(name).identity for name in TOKENIZERS}) == len(TOKENIZERS)


@pytest.mark.parametrize("ask", [build_tokenizer, load_tokenizer])
def test_a_name_that_does_not_exist_has_a_suggestion(ask: Callable[[str], Tokenizer]) -> None:
    """Before anything is built."""
    with pytest.raises(UnknownNameError, match="Did you mean `dvae`"):
        ask("dvea")


def test_the_registry_imports_nothing_heavy() -> None:
    """`list` asks where weights are."""
    script = (
        "import sys\n"
        "from toto_bench.backbones.toto import tokenizers\n"
        "from toto_bench.backbones.toto.tokenizers import find\n"
        "sys.exit(', '.join({'torch', 'numpy', 'transformers'} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""DALL-E's encoder: the same as FLAVA's image codebook, read from every file in which it is published."""

import os
import pickle
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from toto_bench.backbones.errors import UnreadableWeightsError
from toto_bench.backbones.toto.tokenizers import build_tokenizer, dvae, load_tokenizer
from toto_bench.backbones.toto.tokenizers.dvae import Dvae
from toto_bench.backbones.toto.tokenizers.load import STAND_INS

transformers = pytest.importorskip("transformers")


@pytest.fixture
def flava() -> nn.Module:
    """FLAVA's image codebook of the small size, with weights of its own."""
    torch.manual_seed(5)
    config = transformers.FlavaImageCodebookConfig(hidden_size=dvae.WIDTH, vocab_size=dvae.CODES)
    model: nn.Module = transformers.FlavaImageCodebook(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            scale = (2 / parameter[0].numel()) ** 0.5 if parameter.ndim > 1 else 0.01
            parameter.copy_(scale * torch.randn_like(parameter))
        # Else what all places have in common decides every code.
        model.blocks.output.conv.bias -= model.blocks(torch.rand(1, 3, 64, 64)).mean((0, 2, 3))
    return model


@pytest.fixture
def openai(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, Tensor]], nn.Module]]:
    """`openai(state)`: the module that OpenAI's file holds, its classes in modules of the names they have there.

    They cannot be imported when the file is read.
    """
    encoder, utils = types.ModuleType("dall_e.encoder"), types.ModuleType("dall_e.utils")

    class Conv2d(nn.Module):
        def __init__(self, weight: Tensor, bias: Tensor) -> None:
            super().__init__()
            self.n_in, self.n_out, self.kw = weight.shape[1], weight.shape[0], weight.shape[2]
            self.use_float16, self.device, self.requires_grad = True, torch.device("cpu"), False
            self.w, self.b = nn.Parameter(weight), nn.Parameter(bias)

    class EncoderBlock(nn.Module):
        def __init__(self, parts: dict[str, nn.Module]) -> None:
            super().__init__()
            self.post_gain = 1 / 64
            self.id_path, self.res_path = parts.pop("id_path"), _sequence(parts)

    class Encoder(nn.Module):
        def __init__(self, blocks: nn.Module) -> None:
            super().__init__()
            self.group_count, self.vocab_size = 4, dvae.CODES
            self.blocks = blocks

    for module, kinds in ((encoder, (Encoder, EncoderBlock)), (utils, (Conv2d,))):
        for kind in kinds:
            kind.__module__, kind.__qualname__ = module.__name__, kind.__name__
            setattr(module, kind.__name__, kind)

    def conv(state: dict[str, Tensor], key: str) -> Conv2d:
        return Conv2d(state[f"{key}.weight"], state[f"{key}.bias"])

    def block(state: dict[str, Tensor], key: str) -> EncoderBlock:
        changes = f"{key}.id_path.weight" in state
        parts: dict[str, nn.Module] = {"id_path": conv(state, f"{key}.id_path") if changes else nn.Identity()}
        for number in range(1, 5):
            parts[f"relu_{number}"] = nn.ReLU()
            parts[f"conv_{number}"] = conv(state, f"{key}.res_path.conv_{number}")
        return EncoderBlock(parts)

    def make(state: dict[str, Tensor]) -> nn.Module:
        blocks: dict[str, nn.Module] = {"input": conv(state, "blocks.input")}
        for group in range(1, 5):
            parts = {f"block_{n}": block(state, f"blocks.group_{group}.block_{n}") for n in (1, 2)}
            blocks[f"group_{group}"] = _sequence(parts | ({"pool": nn.MaxPool2d(2)} if group < 4 else {}))
        blocks["output"] = _sequence({"relu": nn.ReLU(), "conv": conv(state, "blocks.output.conv")})
        return Encoder(_sequence(blocks))

    package = types.ModuleType("dall_e")
    for module in (package, encoder, utils):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    yield make


def _sequence(parts: dict[str, nn.Module]) -> nn.Sequential:
    sequence = nn.Sequential()
    for name, part in parts.items():
        sequence.add_module(name, part)
    return sequence


def test_the_full_size_is_that_of_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """74 tensors, 53.79 million numbers, 8192 codes for squares of 8 pixels."""
    monkeypatch.undo()  # the small sizes
    with torch.device("meta"):
        full = build_tokenizer("dvae")
    assert (full.vocabulary, full.stride) == (8192, 8)
    assert len(full.state_dict()) == 74
    assert sum(parameter.numel() for parameter in full.parameters()) == 53_786_240
    assert full.state_dict()["blocks.group_2.block_1.id_path.weight"].shape == (512, 256, 1, 1)
    assert full.state_dict()["blocks.output.conv.weight"].shape == (8192, 2048, 1, 1)


def test_scores_are_those_of_flavas_image_codebook(flava: nn.Module, tmp_path: Path, frames: Tensor) -> None:
    """Bit by bit, after FLAVA's own mapping of pixels; so are the codes."""
    torch.save(flava.state_dict(), tmp_path / "flava.bin")
    ours = load_tokenizer("dvae", path=tmp_path / "flava.bin")
    assert isinstance(ours, Dvae)
    mapped = transformers.FlavaImageProcessor().map_pixels(frames)
    with torch.no_grad():
        torch.testing.assert_close(ours.logits(frames), flava.blocks(mapped), rtol=0, atol=0)
        codes = torch.cat([flava.get_codebook_indices(frame[None]) for frame in mapped])
    assert torch.equal(ours.encode(frames), codes)
    assert len(codes.unique()) > 3


@pytest.mark.parametrize("layout", ["flava.safetensors", "state.pth", "wrapped.pth", "ours.safetensors"])
def test_every_plain_layout_loads_alike(layout: str, flava: nn.Module, tmp_path: Path) -> None:
    """FLAVA's keys, OpenAI's keys alone and under `state_dict` with `module.`, and our own."""
    plain = _ours(flava)
    path, theirs = tmp_path / layout, {_openais(key): value for key, value in plain.items()}
    match layout:
        case "flava.safetensors":
            save_file(flava.state_dict(), path)
        case "state.pth":
            torch.save(theirs, path)
        case "wrapped.pth":
            torch.save({"state_dict": {f"module.{key}": value for key, value in theirs.items()}}, path)
        case _:
            save_file(plain, path)
    loaded = load_tokenizer("dvae", path=path)
    assert loaded.weights.startswith("sha256:")
    assert not any(parameter.requires_grad for parameter in loaded.parameters())
    for key, value in loaded.state_dict().items():
        assert torch.equal(value, plain[key]), key


def test_openais_pickled_module_is_read_without_its_code(
    flava: nn.Module,
    openai: Callable[[dict[str, Tensor]], nn.Module],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its classes are not imported, and none of them is there when the file is read."""
    plain = _ours(flava)
    torch.save(openai(plain), tmp_path / "encoder.pkl")
    for name in ("dall_e", "dall_e.encoder", "dall_e.utils"):
        monkeypatch.delitem(sys.modules, name)
    loaded = load_tokenizer("dvae", path=tmp_path / "encoder.pkl")
    assert not any(name.startswith("dall_e") for name in sys.modules)
    for key, value in loaded.state_dict().items():
        assert torch.equal(value, plain[key]), key


def test_a_module_in_the_old_format_is_refused_with_the_reason(
    flava: nn.Module, openai: Callable[[dict[str, Tensor]], nn.Module], tmp_path: Path
) -> None:
    """That format keeps the source code beside the tensors."""
    torch.save(openai(_ours(flava)), tmp_path / "old.pkl", _use_new_zipfile_serialization=False)
    with pytest.raises(UnreadableWeightsError, match=r"before PyTorch 1\.6.*torch\.save\(model\.state_dict"):
        load_tokenizer("dvae", path=tmp_path / "old.pkl")


class _Runs:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("place", ["alone", "in the module", "in a state dict"])
def test_code_in_a_pickle_is_refused_and_never_runs(
    place: str, flava: nn.Module, openai: Callable[[dict[str, Tensor]], nn.Module], tmp_path: Path
) -> None:
    """Wherever it hides."""
    mark, path = tmp_path / "ran", tmp_path / "encoder.pkl"
    content: object = _Runs(mark)
    if place == "in the module":
        module = openai(_ours(flava))
        module.blocks.extra = content  # type: ignore[union-attr]
        content = module
    elif place == "in a state dict":
        content = {**_ours(flava), "extra": content}
    torch.save(content, path)
    with pytest.raises(UnreadableWeightsError, match=r"`posix\.system`.*refused"):
        load_tokenizer("dvae", path=path)
    assert not mark.exists()
    torch.load(path, weights_only=False)  # the file does run it where that is let
    assert mark.exists()


def test_stand_ins_cannot_be_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle that calls one with arguments is garbled, not obeyed."""

    class Calls:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return STAND_INS[0], ("an argument",)

    module = types.ModuleType("dall_e.encoder")
    module.Encoder = STAND_INS[0]  # type: ignore[attr-defined]
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "dall_e", types.ModuleType("dall_e"))
        patched.setitem(sys.modules, "dall_e.encoder", module)
        torch.save({"extra": Calls()}, tmp_path / "encoder.pkl")
    with pytest.raises(UnreadableWeightsError, match=r"encoder\.pkl"):
        load_tokenizer("dvae", path=tmp_path / "encoder.pkl")


def test_a_bare_pickle_is_no_weights_file(tmp_path: Path) -> None:
    """Python's own, without torch's frame."""
    (tmp_path / "encoder.pkl").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(UnreadableWeightsError, match=r"encoder\.pkl"):
        load_tokenizer("dvae", path=tmp_path / "encoder.pkl")


def _ours(flava: nn.Module) -> dict[str, Tensor]:
    """FLAVA's tensors under our keys."""
    state = flava.state_dict()
    return {key.replace(".group.", ".").replace(".path.", "."): value for key, value in state.items()}


def _openais(key: str) -> str:
    return key.replace(".weight", ".w").replace(".bias", ".b")

"""Small folders of clips and images, a tokenizer without weights, and a reporter that remembers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from toto_bench.backbones.toto.tokenizers import build_tokenizer
from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.media.h264 import write_h264


class Brightness(Tokenizer):
    """A code is the mean brightness of a square of 8 pixels, in 50 steps."""

    name, vocabulary, stride, mapping, weights = "brightness", 50, 8, "mean", "none"

    def _encode(self, images: Tensor) -> Tensor:
        mean = torch.nn.functional.avg_pool2d(images.mean(1, keepdim=True), 8)[:, 0]
        return (mean * 49.99).long().clamp(0, 49)


class Remembering:
    """A reporter for tests."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.notes: list[str] = []
        self.advanced = 0

    def start(self, title: str, total: int) -> None:
        pass

    def advance(self, steps: int = 1) -> None:
        self.advanced += steps

    def stop(self) -> None:
        pass

    def say(self, text: str) -> None:
        self.said.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def tokenizer() -> Brightness:
    return Brightness()


@pytest.fixture
def reporter() -> Remembering:
    return Remembering()


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    pass


@pytest.fixture
def make_videos(tmp_path: Path) -> Callable[..., Path]:
    """Writes clips in which a bright square moves."""

    def make(count: int = 6, frames: int = 20, size: tuple[int, int] = (40, 56), name: str = "clips") -> Path:
        root = tmp_path / name
        rng = np.random.default_rng(0)
        for number in range(count):
            clip = np.full((frames, *size, 3), rng.integers(0, 120), np.uint8)
            left = int(rng.integers(0, 20))
            for t in range(frames):
                clip[t, 8:24, left + t : left + t + 16] = 250
            write_h264(root / f"group{number % 2}" / f"{number:03d}.mp4", clip, 30, crf=26)
        return root

    return make


@pytest.fixture
def make_images(tmp_path: Path) -> Callable[..., Path]:
    """Writes images of noise."""

    def make(count: int = 9, size: tuple[int, int] = (40, 56), name: str = "images") -> Path:
        rng = np.random.default_rng(1)
        for number in range(count):
            path = tmp_path / name / f"class{number % 3}" / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8)).save(path)
        return tmp_path / name

    return make


CARD = """
family = "tiny"
entry = "toto_bench.backbones.toto.build:build"
summary = "Two small blocks."
paper = "none"
weights = { licence = "ours" }

[architecture]
model = "toto"
image_size = 32
layers = 2

[architecture.arguments]
dim = 32
heads = 2
depth = 2
mlp_dim = 64
grid = 4
frames = 4
patch = 8
tokenizer = "nano"
vocabulary = VOCABULARY

[variants.toto-tiny]
title = "Tiny"
"""

RECIPE = """
name = "tiny"
summary = "A test."
backbone = "toto-tiny"
steps = 12
batch_tokens = 256
micro_batch = 2
validation = 0.2
save_every = 4
validate_every = 6

[data.clips]
kind = "videos"
ratio = 3
families = ["my-clips"]

[data.pictures]
kind = "images"
ratio = 1
families = ["imagenet-1k"]

[sequences]
frames = 4
stride = 3
views = 2

[optimiser]
learning_rate = 0.01
clip = 1.0
schedule = { warmup_steps = 2 }

[sources]
backbone = "mine"
steps = "mine"
batch_tokens = "mine"
micro_batch = "mine"
validation = "mine"
save_every = "mine"
validate_every = "mine"
data = "mine"
sequences = "mine"
optimiser = "mine"
"""


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A card `toto-tiny`, a recipe for it, and weights of its tokenizer (which are random)."""
    nano = build_tokenizer("nano", seed=0)
    plugin = tmp_path / "tinyplugin"
    (plugin / "backbones").mkdir(parents=True)
    (plugin / "__init__.py").touch()
    (plugin / "backbones" / "tiny.toml").write_text(CARD.replace("VOCABULARY", str(nano.vocabulary)))
    monkeypatch.setenv("TOTO_BENCH_PATH", str(plugin))
    (tmp_path / "tiny.toml").write_text(RECIPE)
    save_file(nano.state_dict(), tmp_path / "nano.safetensors")
    return {"recipe": tmp_path / "tiny.toml", "tokenizer": tmp_path / "nano.safetensors"}

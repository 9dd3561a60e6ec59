"""Small images whose class is their colour, a small Toto that reads them, and quick protocol values."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.seeding import seeded
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenizers.patches import NormalisedPatches
from toto_bench.runner.execute import RunResult, run
from toto_bench.runner.request import RunRequest

COLOURS = {"blue": (60, 60, 190), "green": (60, 190, 60), "red": (190, 60, 60)}
QUICK: dict[str, Any] = {
    "adaptation": "frozen",
    "probe": "linear",
    "probe_bias": True,
    "resolution": 32,
    "eval_resize": 32,
    "rope_base": 10_000,
    "views": 2,
    "train_crop_scale": [0.5, 1.0],
    "held_out": 0.34,
    "epochs": 10,
    "warmup_epochs": 0,
    "batch": 6,
    "lr": 0.03,
    "lr_factors": [0.1, 1.0],
}


@pytest.fixture(autouse=True)
def quiet_threads(one_thread: None) -> None:
    """Small computations."""


@pytest.fixture
def make_images(tmp_path: Path) -> Callable[..., Path]:
    """Writes class folders."""

    def make(train: int = 6, val: int = 5, name: str = "colours") -> Path:
        root = tmp_path / name
        rng = np.random.default_rng(0)
        for split, count in (("train", train), ("val", val)):
            for colour, rgb in COLOURS.items():
                folder = root / split / colour
                folder.mkdir(parents=True)
                for number in range(count):
                    noise = rng.integers(-55, 56, (36, 44, 3))
                    pixels = np.clip(np.array(rgb) + noise, 0, 255).astype(np.uint8)
                    Image.fromarray(pixels).save(folder / f"{colour}_{number}.png")
        return root

    return make


@pytest.fixture
def evaluate(tmp_path: Path) -> Callable[..., RunResult]:
    """Runs ImageNet's task on a folder, with quick values."""

    def go(data: Path, backbone: str | Backbone = "pixels", out: str = "runs", **options: Any) -> RunResult:
        values = QUICK | options.pop("values", {})
        given = {"model": backbone} if isinstance(backbone, Backbone) else {}
        name = "small" if given else str(backbone)
        request = RunRequest(
            "imagenet", name, str(data), out=tmp_path / out, values=values, **given, **options
        )
        return run(request)

    return go


@pytest.fixture
def small_toto() -> Toto:
    """Two blocks, on normalised patches of 16 pixels, which it also predicts."""
    config = TotoConfig(
        dim=16, heads=2, depth=2, mlp_dim=24, vocabulary=0, tokenizer="patches", grid=2, patch=16
    )
    with seeded(0):
        return Toto("small", config, NormalisedPatches()).eval()

"""Short videos of one bright square each, small tokens, and quick protocol values."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.seeding import seeded
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenizers.patches import NormalisedPatches
from toto_bench.media.h264 import write_h264
from toto_bench.runner.execute import RunResult, run
from toto_bench.runner.request import RunRequest

from ..conftest import annotation, annotations_of, thing

SIZE = (96, 128)
COLOURS = ((230, 60, 60), (60, 230, 60), (60, 60, 230))
VIDEOS = {"train": 4, "val": 2}
FRAMES = (5, 9)
QUICK: dict[str, Any] = {
    "adaptation": "frozen",
    "frames": 2,
    "stride": 3,
    "resolution": 64,
    "still_short_side": 96,
    "still_max_side": 160,
    "pyramid_channels": 8,
    "roi_fusion": "none",
    "lr": 1e-3,
    "epochs": 3,
    "warmup_steps": 2,
    "milestones": [2],
    "batch": 4,
    "score_threshold": 0.01,
    "detections_per_image": 10,
}


@pytest.fixture(autouse=True)
def quiet_threads(one_thread: None) -> None:
    """Small computations."""


def box_of(number: int, frame: int) -> tuple[int, int, int, int]:
    """Of the square of a video, at a frame."""
    left, top = 10 + 14 * number + 2 * frame, 12 + 9 * number
    return left, top, left + 24, top + 24


@pytest.fixture
def make_data(tmp_path: Path) -> Callable[..., Path]:
    """Writes a data set in the official layout."""

    def make(name: str = "data") -> Path:
        root = tmp_path / name
        for split, count in VIDEOS.items():
            entries = []
            for number in range(count):
                video = f"{split}-{number}"
                _write_video(root / "full_scale" / f"{video}.mp4", number)
                entries += [
                    annotation(
                        video, frame, [thing(box_of(number, frame), number % 3, number % 2, 0.1 * frame)]
                    )
                    for frame in FRAMES
                ]
            path = root / "annotations" / f"fho_sta_{split}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(annotations_of(entries, size=SIZE)))
        return root

    return make


def _write_video(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = []
    for frame in range(max(FRAMES) + 1):
        picture = np.full((*SIZE, 3), 40, np.uint8)
        left, top, right, bottom = box_of(number, frame)
        picture[top:bottom, left:right] = COLOURS[number % 3]
        frames.append(picture)
    write_h264(path, iter(frames), 30.0, crf=18)


@pytest.fixture
def evaluate(tmp_path: Path) -> Callable[..., RunResult]:
    """Runs the task on a folder, with quick values."""

    def go(data: Path, backbone: str | Backbone = "pixels", out: str = "runs", **options: Any) -> RunResult:
        values = QUICK | options.pop("values", {})
        progress = options.pop("progress", None)
        given = {"model": backbone} if isinstance(backbone, Backbone) else {}
        name = "small" if given else str(backbone)
        request = RunRequest(
            "ego4d_sta", name, str(data), out=tmp_path / out, values=values, **given, **options
        )
        return run(request, progress)

    return go


@pytest.fixture
def small_toto() -> Toto:
    """Five blocks, on normalised patches of 16 pixels, which it also predicts."""
    config = TotoConfig(
        dim=16, heads=2, depth=5, mlp_dim=24, vocabulary=0, tokenizer="patches", grid=4, patch=16, frames=2
    )
    with seeded(0):
        return Toto("small", config, NormalisedPatches()).eval()

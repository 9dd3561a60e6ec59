"""The task as a whole: clips and crops scored together, one of them missing, the sample."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.errors import DataError, RequestError
from toto_bench.media.h264 import write_h264
from toto_bench.results.items import read_items
from toto_bench.runner.execute import RunResult, run
from toto_bench.runner.request import RunRequest
from toto_bench.runner.rescore import rescore_run
from toto_bench.tasks.kinetics400 import views

COLOURS = {"abseiling": (190, 60, 60), "archery": (60, 190, 60), "bowling": (60, 60, 190)}
QUICK: dict[str, Any] = {
    "adaptation": "frozen",
    "probe": "linear",
    "probe_bias": True,
    "resolution": 32,
    "train_short_side": [32, 40],
    "frames": 2,
    "stride": 2,
    "clips": 2,
    "crops": 3,
    "views": 2,
    "held_out": 0.3,
    "epochs": 20,
    "warmup_epochs": 0,
    "batch": 6,
    "lr": 0.03,
}
Evaluate = Callable[..., RunResult]


@pytest.fixture(autouse=True)
def quiet_threads(one_thread: None) -> None:
    """Small computations."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Class folders with videos of 10 frames in the colour of their class."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 4), ("val", 3)):
        for name, rgb in COLOURS.items():
            for number in range(count):
                path = tmp_path / "k400" / split / name / f"{name}{number}_000001_000011.mp4"
                path.parent.mkdir(parents=True, exist_ok=True)
                noise = rng.integers(-50, 51, (10, 36, 48, 3))
                frames = np.clip(np.array(rgb) + noise, 0, 255).astype(np.uint8)
                write_h264(path, iter(frames), 30, crf=20, preset="fast")
    return tmp_path / "k400"


@pytest.fixture
def evaluate(data: Path, tmp_path: Path) -> Evaluate:
    def go(out: str = "runs", **options: Any) -> RunResult:
        values = QUICK | options.pop("values", {})
        return run(
            RunRequest("kinetics400", "pixels", str(data), out=tmp_path / out, values=values, **options)
        )

    return go


def test_all_views_of_a_video_make_its_score(evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every video is opened once for its 2 x 3 views, and counts once."""
    opened: list[Path] = []
    original = views.gather_frames

    def counting(path: Path, *args: Any) -> Any:
        opened.append(path)
        return original(path, *args)

    monkeypatch.setattr(views, "gather_frames", counting)
    result = evaluate()
    assert result.record.metrics["top1"].value == 1.0
    assert result.record.metrics["top1"].n == len(read_items(result.path)) == 9
    scored = [path for path in opened if "val" in path.parts]
    assert len(scored) == len(set(scored)) == 9
    assert "videos" in result.record.metrics["top1"].method
    assert rescore_run(result.path, result.record).problems == ()


def test_what_is_averaged_over_views_matters(evaluate: Evaluate) -> None:
    """Softmax and logits give other confidences, from the same probes."""
    soft = read_items(evaluate().path)
    logits = read_items(evaluate(values={"view_average": "logits"}).path)
    assert [item["item"] for item in soft] == [item["item"] for item in logits]
    assert [item["confidence"] for item in soft] != [item["confidence"] for item in logits]


def test_a_video_that_is_cut_off(evaluate: Evaluate, data: Path) -> None:
    broken = data / "val" / "archery" / "archery1_000001_000011.mp4"
    broken.write_bytes(broken.read_bytes()[:700])
    with pytest.raises(DataError, match=r"archery1_000001_000011\.mp4 cannot be decoded"):
        evaluate()
    result = evaluate(allow_missing=True)
    assert (result.record.coverage.scored, result.record.coverage.listed) == (8, 9)
    assert "archery1" in next(iter(result.record.coverage.missing))


def test_a_head_with_an_mlp(evaluate: Evaluate) -> None:
    """Table 16; its heads have to divide the channels."""
    head = {"probe": "attention-mlp", "probe_mlp_ratio": 4.0, "probe_batch_norm": False, "epochs": 2}
    with pytest.raises(RequestError, match="16 attention heads cannot share the 38 channels of layer 1"):
        evaluate(values=head | {"probe_heads": 16})
    result = evaluate(values=head | {"probe_heads": 2})
    assert 0 <= result.record.metrics["top1"].value <= 1


def test_neighbours_of_videos(evaluate: Evaluate) -> None:
    result = evaluate(values={"probe": "knn", "knn_neighbours": [3]})
    assert result.record.metrics["top1"].value == 1.0


@pytest.mark.bundle
@pytest.mark.slow
def test_the_bundled_sample(tmp_path: Path) -> None:
    """All of it, with quick values."""
    values = {"probe": "linear", "probe_bias": True, "frames": 4, "views": 1, "clips": 1, "epochs": 4}
    result = run(RunRequest("kinetics400", "pixels", "sample", out=tmp_path, values=values))
    assert (result.record.coverage.scored, result.record.coverage.listed) == (32, 32)
    assert result.record.data.name == "sample"

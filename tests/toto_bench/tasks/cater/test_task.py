"""The task as a whole: numbers, files, damaged videos, interruptions, fine-tuning."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from toto_bench.backbones.load import load_backbone
from toto_bench.backbones.seeding import seeded
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenizers.patches import NormalisedPatches
from toto_bench.backbones.weights import state_hash
from toto_bench.errors import DataError
from toto_bench.progress import Silent
from toto_bench.results.items import read_items
from toto_bench.runner.execute import RunResult, run
from toto_bench.runner.request import RunRequest
from toto_bench.runner.rescore import rescore_run
from toto_bench.runner.tasks import load_task
from toto_bench.samples.cater.writing import write_video
from toto_bench.tasks.cater.predictions import read_predictions
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.recognition import scoring
from toto_bench.tasks.recognition.rope import with_rope_base
from toto_bench.training.trainer import Trainer

from .conftest import write_lines

Evaluate = Callable[..., RunResult]
CELLS = {0: (200, 40, 40), 14: (40, 200, 40), 35: (40, 40, 200)}
"""Cells of the tests' videos, and the colour of the frames that tells them."""
SIDE = 32
FROZEN: dict[str, Any] = {
    "adaptation": "frozen",
    "frames": 2,
    "resolution": SIDE,
    "probe": "linear",
    "probe_bias": True,
    "layers": "all",
    "views": 2,
    "held_out": 0.3,
    "epochs": 12,
    "warmup_epochs": 0,
    "batch": 4,
    "lr": 0.03,
    "lr_factors": [0.1, 1.0],
}
TUNED = FROZEN | {
    "adaptation": "fine-tune",
    "layers": "last",
    "views": "stream",
    "held_out": 0.0,
    "epochs": 4,
    "lr": 0.003,
    "lr_factors": [10.0],
}


class Said(Silent):
    """What a run said."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def say(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture(autouse=True)
def quiet_threads(one_thread: None) -> None:
    """Small computations."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """12 videos to train on, 6 to score, whose colour tells the cell."""
    root, rng = tmp_path / "all_actions", np.random.default_rng(0)
    lines = []
    for number in range(18):
        cell = list(CELLS)[number % 3]
        noise = rng.integers(-30, 31, (10, 24, 32, 3))
        frames = np.clip(np.array(CELLS[cell]) + noise, 0, 255).astype(np.uint8)
        write_video(root / "videos" / f"CATER_new_{number:06d}.avi", frames, 24)
        lines.append(f"CATER_new_{number:06d}.avi {cell}")
    folder = root / "lists" / "localize"
    write_lines(folder / "train.txt", lines[:12])
    write_lines(folder / "val.txt", lines[12:])
    write_lines(folder / "train_subsetT.txt", lines[:9])
    write_lines(folder / "train_subsetV.txt", lines[9:12])
    return root


@pytest.fixture
def evaluate(tmp_path: Path, data: Path) -> Evaluate:
    """Runs the task with quick values."""

    def go(
        backbone: str | Toto = "pixels",
        values: dict[str, Any] = FROZEN,
        out: str = "runs",
        progress: Said | None = None,
        **options: Any,
    ) -> RunResult:
        given = {"model": backbone} if isinstance(backbone, Toto) else {}
        name = "small" if given else str(backbone)
        request = RunRequest(
            "cater", name, str(data), out=tmp_path / out, values=dict(values), **given, **options
        )
        return run(request, progress)

    return go


@pytest.fixture
def small_toto() -> Toto:
    """Two blocks, on normalised patches of 16 pixels, which it also predicts."""
    config = TotoConfig(
        dim=16, heads=2, depth=2, mlp_dim=24, vocabulary=0, tokenizer="patches", grid=2, patch=16
    )
    with seeded(0):
        return Toto("small", config, NormalisedPatches()).eval()


def values_of(result: RunResult) -> dict[str, float | None]:
    return {name: metric.value for name, metric in result.record.metrics.items()}


def curve(result: RunResult, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((result.path / "curves" / f"{name}.csv").read_text().splitlines()))


def test_cells_are_learnt(evaluate: Evaluate) -> None:
    """All numbers of both choices, a row per video, curves and pictures."""
    result = evaluate()
    assert values_of(result) == {
        name + suffix: 0.0 if name == "l1" else 1.0
        for suffix in ("", "@held-out")
        for name in ("top1", "top5", "l1")
    }
    record = result.record
    assert record.metrics["top1"].n == record.coverage.scored == record.coverage.listed == 6
    assert str(record.metrics["l1"].selection).startswith("best on val: layer 1, rate 0.0")
    assert str(record.metrics["l1@held-out"].selection).startswith("chosen on held-out training videos")
    items = read_items(result.path)
    assert [item["label"] for item in items] == [item["prediction"] for item in items] == [0, 14, 35] * 2
    [layer] = curve(result, "layers")
    assert (layer["top1"], layer["held_out"], layer["l1"]) == ("1.0", "1.0", "0.0")
    assert len(curve(result, "probes")) == 2
    losses = [float(row["probe_loss"]) for row in curve(result, "losses")]
    assert losses[-1] < 0.7 * losses[0]
    for name in ("curves", "errors", "strips"):
        assert Image.open(result.path / record.artifacts[name]).size[0] > 400
    assert not (result.path / "state").exists()


@pytest.mark.parametrize("clips", [1, 3])
def test_the_file_of_a_run_scores_as_the_run(evaluate: Evaluate, clips: int) -> None:
    """As everyone's file, and again without the model; each view of a video is a row of probabilities."""
    result = evaluate(values=FROZEN | {"clips": clips, "epochs": 1})
    path = result.path / "predictions" / "val.npz"
    found = read_predictions(path)
    assert len(found.videos) == 6 * clips
    assert found.views == (None if clips == 1 else tuple(range(clips)) * 6)
    np.testing.assert_allclose(found.scores.sum(1), 1, rtol=1e-5)
    task = load_task("cater")
    protocol = CaterProtocol.model_validate(result.record.protocol)
    outcome = task.score(path, task.check(Path(result.record.data.path), protocol), protocol)  # type: ignore[attr-defined]
    assert {name: metric.value for name, metric in outcome.metrics.items()} == values_of(result)
    assert rescore_run(result.path, result.record) == ((), ())


def test_a_changed_file_is_noticed(evaluate: Evaluate) -> None:
    result = evaluate(values=FROZEN | {"epochs": 1})
    path = result.path / "predictions" / "val.npz"
    with np.load(path) as content:
        changed = dict(content)
    changed["scores"] = changed["scores"][:, ::-1]
    np.savez(path, **changed)
    assert rescore_run(result.path, result.record).problems


def test_the_subset_is_for_choosing(evaluate: Evaluate) -> None:
    """It is scored, and what is trained on is the rest of the training list."""
    said = Said()
    result = evaluate(values=FROZEN | {"split": "train_subsetV"}, progress=said)
    assert [item["video"] for item in read_items(result.path)] == [
        f"CATER_new_{n:06d}.avi" for n in (9, 10, 11)
    ]
    assert (result.path / "predictions" / "train_subsetV.npz").is_file()
    assert any("6 training videos, 3 held out, 3 to score, 36 classes" in text for text in said.texts)


@pytest.mark.parametrize("mode", [FROZEN, TUNED], ids=["frozen", "fine-tune"])
def test_an_interrupted_run_goes_on(
    evaluate: Evaluate,
    small_toto: Toto,
    monkeypatch: pytest.MonkeyPatch,
    mode: dict[str, Any],
    stop_after: Callable[..., None],
) -> None:
    """Stopped in the middle of an epoch, then while it scores: to the last digit that of an unbroken run."""
    whole = evaluate(small_toto, mode, out="whole")
    monkeypatch.setattr(scoring, "CHUNK", 2)
    for where, name, calls in ((Trainer, "_save", 4), (scoring.Scorer, "_judge_chunk", 2)):
        stop_after(where, name, calls)
        with pytest.raises(KeyboardInterrupt):
            evaluate(small_toto, mode)
    monkeypatch.undo()
    monkeypatch.setattr(scoring, "CHUNK", 2)
    result = evaluate(small_toto, mode)
    assert not result.reused
    assert result.record.metrics == whole.record.metrics
    assert read_items(result.path) == read_items(whole.path)
    assert curve(result, "losses") == curve(whole, "losses")
    ours, theirs = (read_predictions(each.path / "predictions" / "val.npz") for each in (result, whole))
    np.testing.assert_array_equal(ours.scores, theirs.scores)


def test_a_fine_tuned_toto_is_kept(evaluate: Evaluate, small_toto: Toto) -> None:
    """Cross-entropy and its own loss change it; it can be read again by its run."""
    result = evaluate(small_toto, TUNED)
    [first, *_] = curve(result, "losses")
    assert float(first["loss"]) == pytest.approx(
        float(first["probe_loss"]) + float(first["self_supervised"]), rel=1e-5
    )
    trained = load_backbone(f"run:{result.path}")
    assert state_hash(trained.checkpointed()) != state_hash(small_toto.checkpointed())
    probed = evaluate(f"run:{result.path}", FROZEN | {"epochs": 1}, out="probed")
    assert probed.record.backbone.weights == state_hash(trained.checkpointed())
    assert set(values_of(result)) == {"top1", "top5", "l1"}


def test_the_own_loss_can_be_left_out(evaluate: Evaluate, small_toto: Toto) -> None:
    said = Said()
    result = evaluate(small_toto, TUNED | {"self_supervised_weight": 0.0}, progress=said)
    assert "self_supervised" not in curve(result, "losses")[0]
    assert any("trained by the classification loss alone" in text for text in said.texts)
    with_it = evaluate(small_toto, TUNED, out="with")
    assert result.record.metrics != with_it.record.metrics or _scores(result) != _scores(with_it)


def _scores(result: RunResult) -> bytes:
    return bytes(read_predictions(result.path / "predictions" / "val.npz").scores.tobytes())


def test_another_base_of_rotary_positions_is_told(evaluate: Evaluate, small_toto: Toto) -> None:
    """The protocol's base takes the place of the one that the backbone was trained with."""
    longer, said = with_rope_base(small_toto, 50_000), Said()
    assert isinstance(longer, Toto)
    evaluate(longer, FROZEN | {"epochs": 1}, progress=said)
    assert any("50000, becomes 10000" in text and "--set rope_base=50000" in text for text in said.texts)
    as_it_was = Said()
    evaluate(longer, FROZEN | {"epochs": 1, "rope_base": 50_000}, progress=as_it_was)
    assert not any("rotary" in text for text in as_it_was.texts)


def test_a_backbone_without_a_loss_is_fine_tuned_by_cross_entropy(evaluate: Evaluate) -> None:
    """That is said, and its record has the weight 0."""
    said = Said()
    result = evaluate(values=TUNED, progress=said)
    assert result.record.protocol["self_supervised_weight"] == 0
    assert any("alone (full fine-tuning), for it has no loss of its own" in text for text in said.texts)


def break_video(data: Path, number: int, *, inside: bool = False) -> str:
    """Cut a video off, or overwrite its last pictures."""
    path = data / "videos" / f"CATER_new_{number:06d}.avi"
    content = bytearray(path.read_bytes())
    start = content.rindex(b"\xff\xd8") if inside else len(content) // 2
    content[start : start + 300] = bytes(300)
    path.write_bytes(content if inside else content[:start])
    return path.name


@pytest.mark.parametrize("inside", [False, True], ids=["cut off", "inside"])
@pytest.mark.parametrize("corrupt", ["exclude", "wrong"])
def test_a_corrupt_video_is_named_and_never_replaced(
    evaluate: Evaluate, data: Path, corrupt: str, inside: bool
) -> None:
    name = break_video(data, 13, inside=inside)
    result = evaluate(values=FROZEN | {"corrupt": corrupt})
    coverage, top1 = result.record.coverage, result.record.metrics["top1"]
    [row] = [item for item in read_items(result.path) if item["video"] == name] or [None]
    if corrupt == "exclude":
        assert (coverage.scored, coverage.listed, list(coverage.missing)) == (5, 6, [name])
        assert "corrupt" in coverage.missing[name]
        assert (top1.value, top1.n, row) == (1.0, 5, None)
    else:
        assert (coverage.scored, top1.n, top1.value) == (6, 6, pytest.approx(5 / 6))
        assert row is not None and row["l1"] == 6
    assert rescore_run(result.path, result.record) == ((), ())


def test_frames_that_are_not_scored_may_be_damaged(evaluate: Evaluate, data: Path) -> None:
    """The video is scored as others are, and the picture of it has fewer frames."""
    path = data / "videos" / "CATER_new_000013.avi"
    content = path.read_bytes()
    starts = [at for at in range(len(content)) if content.startswith(b"\xff\xd8\xff", at)]
    damage = bytes(starts[5] - starts[4] - 10)
    path.write_bytes(content[: starts[4]] + damage + content[starts[4] + len(damage) :])
    result = evaluate(values=FROZEN | {"frames": 2, "epochs": 1})
    assert (result.record.coverage.scored, result.record.coverage.listed) == (6, 6)
    assert (result.path / result.record.artifacts["strips"]).is_file()


@pytest.mark.parametrize("mode", [FROZEN, TUNED], ids=["frozen", "fine-tune"])
@pytest.mark.parametrize("inside", [False, True], ids=["cut off", "inside"])
def test_a_corrupt_training_video_is_left_out_and_counted(
    evaluate: Evaluate, data: Path, mode: dict[str, Any], inside: bool
) -> None:
    name = break_video(data, 4, inside=inside)
    result = evaluate(values=mode)
    assert any(f"1 of 12 training videos were left out, first `{name}`" in w for w in result.record.warnings)


def test_missing_videos_are_refused_unless_allowed(evaluate: Evaluate, data: Path) -> None:
    for number in (3, 15):
        (data / "videos" / f"CATER_new_{number:06d}.avi").unlink()
    with pytest.raises(DataError, match=r"1 of 12 videos of .*train\.txt are missing"):
        evaluate()
    result = evaluate(allow_missing=True)
    assert (result.record.coverage.scored, result.record.coverage.listed) == (5, 6)
    assert "CATER_new_000015.avi" in result.record.coverage.missing


def test_a_cell_without_training_video_is_told(evaluate: Evaluate, data: Path) -> None:
    listing = data / "lists" / "localize" / "val.txt"
    listing.write_text(listing.read_text().replace(" 14", " 15"))
    warnings = evaluate(values=FROZEN | {"epochs": 1}).record.warnings
    assert "1 cells that are scored have no training video: 15" in warnings


def test_a_cell_beyond_the_grid_is_wrong(evaluate: Evaluate, data: Path) -> None:
    listing = data / "lists" / "localize" / "val.txt"
    listing.write_text(listing.read_text().replace("12.avi 0", "12.avi 36"))
    result = evaluate()
    assert result.record.metrics["top1"].value == pytest.approx(5 / 6)
    assert result.record.metrics["top1"].n == 6

"""The task as a whole: numbers, files, interruptions, what cannot be read."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.weights import state_hash
from toto_bench.errors import DataError, RequestError
from toto_bench.features.store import Estimate, FeatureStore
from toto_bench.files import DiskError
from toto_bench.paths import cache_folder
from toto_bench.progress import Silent
from toto_bench.results.items import read_items
from toto_bench.runner.execute import RunResult
from toto_bench.runner.rescore import rescore_run
from toto_bench.runner.tasks import load_task
from toto_bench.tasks.ego4d_sta.learning import finish
from toto_bench.tasks.ego4d_sta.learning.predict import Predictor
from toto_bench.training.trainer import Trainer

Evaluate = Callable[..., RunResult]
MakeData = Callable[..., Path]


def numbers(result: RunResult) -> dict[str, Any]:
    return {
        "metrics": {name: metric.model_dump() for name, metric in result.record.metrics.items()},
        "items": read_items(result.path),
        "submission": (result.path / "predictions" / "submission.json").read_text(),
    }


def curve(result: RunResult, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((result.path / "curves" / f"{name}.csv").read_text().splitlines()))


def test_the_file_that_was_written_is_what_is_scored(make_data: MakeData, evaluate: Evaluate) -> None:
    """Every number, the other treatment, the choice on val, a row for each image, curves, pictures."""
    data = make_data()
    result = evaluate(data)
    record = result.record
    task = load_task("ego4d_sta")
    protocol = task.protocol.model_validate(record.protocol)
    scored = task.score(result.path / "predictions" / "submission.json", task.check(data, protocol), protocol)
    assert {n: m.value for n, m in scored.metrics.items()} == {n: m.value for n, m in record.metrics.items()}
    assert {"noun@count", "overall@count", "ap_box"} <= set(record.metrics)
    assert str(record.metrics["noun"].selection).startswith("best on val: step ")
    assert [row["uid"] for row in read_items(result.path)] == [
        f"val-{video}_{frame:07d}" for video in range(2) for frame in (5, 9)
    ]
    assert len(curve(result, "losses")) == 3 * 8 // 4
    assert [row["step"] for row in curve(result, "epochs")] == ["2", "4", "6"]
    assert any(text.startswith("chance") for text in record.warnings)
    assert not (result.path / "state").exists()
    for title in ("training", "contact sheet"):
        assert min(Image.open(result.path / record.artifacts[title]).size) > 100
    assert rescore_run(result.path, record).problems == ()


@pytest.mark.slow
def test_squares_are_found(make_data: MakeData, evaluate: Evaluate) -> None:
    """What is trained on is learnt: boxes, of any noun, are right."""
    values = {
        "split": "train",
        "epochs": 40,
        "milestones": [30],
        "selection": "last-epoch",
        "pyramid_channels": 16,
    }
    result = evaluate(make_data(), values=values)
    losses = curve(result, "losses")
    assert float(losses[-1]["loss"]) < 0.6 * float(losses[0]["loss"])
    found = result.record.metrics["ap_box"].value
    assert found is not None
    assert found > 0.3


@pytest.mark.parametrize("tuned", [False, True], ids=["frozen", "fine-tuned"])
def test_an_interrupted_run_goes_on(
    make_data: MakeData,
    evaluate: Evaluate,
    small_toto: Toto,
    monkeypatch: pytest.MonkeyPatch,
    *,
    tuned: bool,
    stop_after: Callable[..., None],
) -> None:
    """Stopped in an epoch, then among predictions: numbers and files are those of an unbroken run."""
    data, values = make_data(), {"adaptation": "fine-tune" if tuned else "frozen"}
    whole = evaluate(data, small_toto, values=values, out="whole")
    stop_after(Trainer, "_save", 3)
    with pytest.raises(KeyboardInterrupt):
        evaluate(data, small_toto, values=values)
    monkeypatch.undo()
    stop_after(Predictor, "_of", 1)
    with pytest.raises(KeyboardInterrupt):
        evaluate(data, small_toto, values=values)
    monkeypatch.undo()
    result = evaluate(data, small_toto, values=values)
    assert not result.reused
    assert numbers(result) == numbers(whole)
    assert curve(result, "losses") == curve(whole, "losses")


def test_fine_tuning_with_and_without_the_backbones_own_loss(
    make_data: MakeData, evaluate: Evaluate, small_toto: Toto
) -> None:
    """The loss is there or not, the caller's backbone stays, and what no loss reaches is left alone."""
    data, before = make_data(), state_hash(small_toto)
    values = {"adaptation": "fine-tune", "epochs": 2}
    with_own = evaluate(data, small_toto, values=values)
    without = evaluate(data, small_toto, values={**values, "self_supervised_weight": 0})
    assert state_hash(small_toto) == before
    own = [float(row["self_supervised"]) for row in curve(with_own, "losses")]
    assert own[-1] < own[0]
    assert "self_supervised" not in curve(without, "losses")[0]
    assert curve(with_own, "losses")[-1]["noun"] != curve(without, "losses")[-1]["noun"]


def test_features_are_kept_once(make_data: MakeData, evaluate: Evaluate) -> None:
    """Another learning rate decodes nothing; a damaged file is made anew, and the numbers stay."""
    data = make_data()
    first = evaluate(data, values={"epochs": 1})
    files = sorted((cache_folder() / "ego4d_sta").glob("*/*.safetensors"))
    assert len(files) == 6
    written = {path: path.stat().st_mtime_ns for path in files}
    evaluate(data, values={"epochs": 1, "lr": 0.002})
    assert {path: path.stat().st_mtime_ns for path in files} == written
    files[2].write_bytes(files[2].read_bytes()[:-5])
    again = evaluate(data, values={"epochs": 1}, again=True)
    assert [path for path in files if path.stat().st_mtime_ns != written[path]] == [files[2]]
    assert numbers(again) == numbers(first)


def test_missing_videos(make_data: MakeData, evaluate: Evaluate) -> None:
    """Each is named; without them the run goes on when it may, and coverage says so."""
    data = make_data()
    (data / "full_scale" / "train-2.mp4").unlink()
    with pytest.raises(DataError, match=r"2 of 8 training annotations have no frames.* Videos: train-2\."):
        evaluate(data, values={"epochs": 1})
    (data / "full_scale" / "val-1.mp4").unlink()
    with pytest.raises(DataError, match=r"val-1\.mp4 is missing"):
        evaluate(data, values={"epochs": 1})
    result = evaluate(data, values={"epochs": 1}, allow_missing=True)
    assert (result.record.coverage.scored, result.record.coverage.listed) == (2, 4)
    assert all("val-1.mp4 is missing" in reason for reason in result.record.coverage.missing.values())
    assert any("2 of 8 training annotations" in text for text in result.record.warnings)


@pytest.mark.parametrize("tuned", [False, True], ids=["kept", "streamed"])
def test_corrupt_videos(make_data: MakeData, evaluate: Evaluate, small_toto: Toto, *, tuned: bool) -> None:
    data, values = make_data(), {"epochs": 1, "adaptation": "fine-tune" if tuned else "frozen"}
    for name in ("train-3", "val-0"):
        path = data / "full_scale" / f"{name}.mp4"
        path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match=r"(train-3|val-0)\.mp4.*--allow-missing"):
        evaluate(data, small_toto, values=values)
    result = evaluate(data, small_toto, values=values, allow_missing=True)
    assert result.record.coverage.scored == 2
    assert {uid.partition("_")[0] for uid in result.record.coverage.missing} == {"val-0"}
    assert any("could not be decoded" in text for text in result.record.warnings)


def test_what_was_left_out_is_known_after_an_interruption(
    make_data: MakeData,
    evaluate: Evaluate,
    small_toto: Toto,
    monkeypatch: pytest.MonkeyPatch,
    stop_after: Callable[..., None],
) -> None:
    """The training, which alone reads its clips, was done before."""
    data, options = make_data(), {"values": {"adaptation": "fine-tune", "epochs": 1}, "allow_missing": True}
    for name in ("train-3", "val-0"):
        path = data / "full_scale" / f"{name}.mp4"
        path.write_bytes(path.read_bytes()[:300])
    whole = evaluate(data, small_toto, out="whole", **options)
    stop_after(finish, "write_submission", 1)
    with pytest.raises(KeyboardInterrupt):
        evaluate(data, small_toto, **options)
    monkeypatch.undo()
    result = evaluate(data, small_toto, **options)
    assert result.record.warnings == whole.record.warnings
    assert result.record.coverage == whole.record.coverage


def test_stills_beside_kept_maps(make_data: MakeData, evaluate: Evaluate) -> None:
    """StillFast's training, in small: stills are read anew, mirrored with maps; a stage ends before the next."""
    values = {
        "still_branch": True, "pyramid_layers": 4, "map_norm": "none", "optimizer": "sgd", "epochs": 1,
    }  # fmt: skip

    class Heard(Silent):
        def start(self, title: str, total: int) -> None:
            assert not open_stages, f"{title} begins within {open_stages}"
            open_stages.append(title)
            titles.append(title)

        def stop(self) -> None:
            open_stages.clear()

        def say(self, text: str) -> None:
            said.append(text)

    open_stages: list[str] = []
    titles: list[str] = []
    said: list[str] = []
    result = evaluate(make_data(), values=values, progress=Heard())
    assert titles == ["Clips", "Clips", *["Training steps", "Predicting"] * 2]
    assert any("8 annotations to train on (4 videos), 4 to predict" in text for text in said)
    assert len(curve(result, "losses")) == 2


def test_a_full_disk_is_told_before_the_work(
    make_data: MakeData, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FeatureStore, "estimate", lambda *_: Estimate(5_000_000_000, 300_000_000))
    with pytest.raises(
        DiskError, match=r"0\.3 GB free, what is kept of 20 clips takes 5\.0 GB.*pyramid_layers=4"
    ):
        evaluate(make_data())


def test_nothing_is_predicted(make_data: MakeData, evaluate: Evaluate) -> None:
    """Numbers are not defined one way, and zero the other; the official format has empty lists."""
    result = evaluate(make_data(), values={"epochs": 1, "score_threshold": 1.0})
    assert result.record.metrics["overall"].value is None
    assert result.record.metrics["overall@count"].value == 0
    assert next(iter(result.record.metrics)) == "noun"
    content = json.loads((result.path / "predictions" / "submission.json").read_text())
    assert set(map(len, content["results"].values())) == {0}
    assert rescore_run(result.path, result.record).problems == ()


def test_what_cannot_be_trained_on(make_data: MakeData, evaluate: Evaluate) -> None:
    data = make_data()
    path = data / "annotations" / "fho_sta_train.json"
    content = json.loads(path.read_text())
    with pytest.raises(RequestError, match="not to train"):
        evaluate(data / "annotations" / "fho_sta_val.json")
    other = content | {"noun_categories": content["noun_categories"][::-1]}
    path.write_text(json.dumps(other))
    with pytest.raises(DataError, match="different lists of nouns"):
        evaluate(data)
    for entry in content["annotations"]:
        entry["objects"] = []
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match="no annotated objects"):
        evaluate(data)
    path.write_text(path.read_text()[:-40])
    with pytest.raises(DataError, match="cut off or damaged"):
        evaluate(data)


def test_a_test_set_is_predicted_and_not_scored(make_data: MakeData, evaluate: Evaluate) -> None:
    data = make_data()
    content = json.loads((data / "annotations" / "fho_sta_val.json").read_text())
    for entry in content["annotations"]:
        del entry["objects"]
    (data / "annotations" / "fho_sta_test_unannotated.json").write_text(json.dumps(content))
    result = evaluate(data, values={"split": "test", "epochs": 1})
    assert result.record.metrics["overall"].value is None
    written = json.loads((result.path / "predictions" / "submission.json").read_text())
    assert len(written["results"]) == 4
    assert rescore_run(result.path, result.record) == ((), ())


def test_ids_are_kept_of_a_tokenizer(make_data: MakeData, evaluate: Evaluate) -> None:
    """Fine-tuning a backbone that reads ids decodes each frame once, mirrors too."""
    values = {"adaptation": "fine-tune", "epochs": 1, "resolution": 128}
    result = evaluate(make_data(), "toto-nano", values=values, random_init=True)
    assert len(list((cache_folder() / "ego4d_sta").glob("*/*.safetensors"))) == 6
    assert np.isfinite(float(curve(result, "losses")[-1]["self_supervised"]))

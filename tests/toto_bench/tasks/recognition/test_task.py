"""The task as a whole, on ImageNet's readers: numbers, files, failures on the way, interruptions."""

import csv
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import load_file

from toto_bench import as_backbone, load_backbone
from toto_bench.backbones.timm import TimmBackbone
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.weights import state_hash
from toto_bench.errors import DataError, RequestError
from toto_bench.progress import Silent
from toto_bench.results.items import read_items
from toto_bench.runner.execute import RunResult
from toto_bench.runner.rescore import rescore_run
from toto_bench.tasks.recognition import kept as kept_module
from toto_bench.tasks.recognition import room, scoring
from toto_bench.training.trainer import Trainer

Evaluate = Callable[..., RunResult]
MakeImages = Callable[..., Path]


def numbers(result: RunResult) -> dict[str, Any]:
    return {
        "metrics": {name: metric.model_dump() for name, metric in result.record.metrics.items()},
        "items": read_items(result.path),
    }


def curve(result: RunResult, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((result.path / "curves" / f"{name}.csv").read_text().splitlines()))


def test_colours_are_learnt(make_images: MakeImages, evaluate: Evaluate) -> None:
    """Accuracy, both choices, a row per item, every curve, pictures; nothing of the training is left."""
    result = evaluate(make_images())
    record = result.record
    assert record.metrics["top1"].value == 1.0
    assert record.metrics["class_accuracy"].value == 1.0
    assert record.metrics["top1"].n == 15
    assert record.metrics["top1"].selection == "best on val: layer 1, rate 0.003 of 2"
    assert record.metrics["top1@held-out"].selection.startswith("chosen on held-out training images: layer 1")
    assert (record.coverage.scored, record.coverage.listed) == (15, 15)
    items = read_items(result.path)
    assert [item["item"] for item in items] == sorted(item["item"] for item in items)
    assert {item["class"] for item in items} == {"blue", "green", "red"}
    assert all(item["correct"] and item["rank"] == item["rank_layer_01"] == 0 for item in items)
    assert len(curve(result, "probes")) == 2
    assert [row["class"] for row in curve(result, "classes")] == ["blue", "green", "red"]
    losses = [float(row["probe_loss"]) for row in curve(result, "losses")]
    assert len(losses) == 10 * 12 // 6
    assert losses[-1] < 0.8 * losses[0]
    assert not (result.path / "state").exists()
    assert Image.open(result.path / record.artifacts["curves"]).size[0] > 500
    assert "misclassified" not in record.artifacts


def test_errors_are_drawn(make_images: MakeImages, evaluate: Evaluate) -> None:
    data = make_images()
    wrong, right = data / "val" / "red", data / "val" / "blue"
    for path in sorted(wrong.iterdir())[:2]:
        Image.open(sorted(right.iterdir())[0]).save(path)
    result = evaluate(data)
    assert result.record.metrics["top1"].value == pytest.approx(13 / 15)
    sheet = np.array(Image.open(result.path / result.record.artifacts["misclassified"]))
    assert sheet.shape[1] == 2 * 166
    assert curve(result, "confusions")[0] == {
        "class": "red",
        "predicted": "blue",
        "items": "2",
        "share": "0.4",
    }


@pytest.mark.parametrize("probe", ["linear", "attention"])
@pytest.mark.parametrize("views", [2, "stream"])
def test_an_interrupted_training_goes_on(
    make_images: MakeImages,
    evaluate: Evaluate,
    monkeypatch: pytest.MonkeyPatch,
    probe: str,
    views: int | str,
    stop_after: Callable[..., None],
) -> None:
    """Stopped in the middle of an epoch, then in the middle of scoring: the numbers are those of an unbroken run."""
    data, values = make_images(), {"probe": probe, "views": views}
    whole = evaluate(data, values=values, out="whole")
    monkeypatch.setattr(scoring, "CHUNK", 4)
    stop_after(Trainer, "_save", 7)
    with pytest.raises(KeyboardInterrupt):
        evaluate(data, values=values)
    stop_after(scoring.Scorer, "_judge_chunk", 3)
    with pytest.raises(KeyboardInterrupt):
        evaluate(data, values=values)
    monkeypatch.undo()
    monkeypatch.setattr(scoring, "CHUNK", 4)
    monkeypatch.setattr(Trainer, "_step", _never)
    result = evaluate(data, values=values)
    assert not result.reused
    assert numbers(result) == numbers(whole)
    assert curve(result, "losses") == curve(whole, "losses")


def _never(*args: Any) -> Any:
    raise AssertionError("the training was done")


def test_batch_size_and_workers_change_nothing(make_images: MakeImages, evaluate: Evaluate) -> None:
    data = make_images()
    first = evaluate(data, out="first", workers=0)
    for path in kept_module.cache_folder().glob("probing/*/*/*"):
        path.unlink()
    second = evaluate(data, out="second", batch_size=4, workers=3)
    for ours, theirs in zip(read_items(first.path), read_items(second.path), strict=True):
        assert ours["rank"] == theirs["rank"]
        assert ours["confidence"] == pytest.approx(theirs["confidence"], rel=1e-4)


def test_kept_features_are_found_again(
    make_images: MakeImages, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another learning rate reads no training image; a damaged file is made anew, and the numbers stay."""
    data = make_images()
    monkeypatch.setattr(kept_module, "PART", 5)
    first = evaluate(data)
    parts = sorted((kept_module.cache_folder() / "probing").glob("*/*/part-*"))
    assert len(parts) == 2 * 3
    written = {path: path.stat().st_mtime_ns for path in parts}
    evaluate(data, values={"lr": 0.02})
    assert {path: path.stat().st_mtime_ns for path in parts} == written
    parts[3].write_bytes(parts[3].read_bytes()[:-5])
    again = evaluate(data, again=True)
    assert [path for path in parts if path.stat().st_mtime_ns != written[path]] == [parts[3]]
    assert numbers(again) == numbers(first)


def test_a_corrupt_image_is_named(make_images: MakeImages, evaluate: Evaluate) -> None:
    data = make_images()
    broken = data / "val" / "green" / "green_2.png"
    broken.write_bytes(broken.read_bytes()[:60])
    with pytest.raises(DataError, match=r"green_2\.png cannot be decoded"):
        evaluate(data)
    result = evaluate(data, allow_missing=True)
    assert (result.record.coverage.scored, result.record.coverage.listed) == (14, 15)
    [(name, reason)] = result.record.coverage.missing.items()
    assert "green_2" in name
    assert "cannot be decoded" in reason
    assert result.record.metrics["top1"].n == 14


@pytest.mark.parametrize("views", [2, "stream"])
def test_a_corrupt_training_image_is_left_out(
    make_images: MakeImages, evaluate: Evaluate, views: int | str
) -> None:
    data, values = make_images(), {"views": views, "held_out": 0.01}
    for colour in ("red", "blue", "green"):
        for number in range(6):
            path = data / "train" / colour / f"{colour}_{number}.png"
            if number == 2:
                path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(DataError, match=r"_2\.png cannot be decoded"):
        evaluate(data, values=values)
    result = evaluate(data, values=values, allow_missing=True)
    assert result.record.metrics["top1"].value == 1.0
    assert any("training images could not be read" in warning for warning in result.record.warnings)


def test_a_run_is_scored_again_without_its_model(make_images: MakeImages, evaluate: Evaluate) -> None:
    """To the last digit; a file that was changed is noticed."""
    result = evaluate(make_images())
    assert rescore_run(result.path, result.record).problems == ()
    path = result.path / "predictions" / "val.npz"
    with np.load(path) as content:
        changed = dict(content)
    changed["rank"][:, 0] = 1
    np.savez(path, **changed)
    [problem] = rescore_run(result.path, result.record).problems
    assert "contradicts itself" in problem


@pytest.mark.parametrize("probe", ["knn", "logistic"])
def test_probes_without_training(make_images: MakeImages, evaluate: Evaluate, probe: str) -> None:
    result = evaluate(make_images(), values={"probe": probe, "knn_neighbours": [3, 5, 100]})
    assert result.record.metrics["top1"].value >= 0.8
    assert len(curve(result, "probes")) == (2 if probe == "knn" else 1)
    assert "losses" not in {path.stem for path in (result.path / "curves").iterdir()}
    assert rescore_run(result.path, result.record).problems == ()


def test_too_few_items_for_the_neighbours(make_images: MakeImages, evaluate: Evaluate) -> None:
    with pytest.raises(RequestError, match="knn_neighbours"):
        evaluate(make_images(), values={"probe": "knn", "knn_neighbours": [100]})


def test_adapting_beside_the_probes(
    make_images: MakeImages, evaluate: Evaluate, small_toto: Toto, tmp_path: Path
) -> None:
    """The backbone's own loss falls, the caller's backbone stays, and the adapted one is read again by its path."""
    before = state_hash(small_toto)
    values = {"adaptation": "joint", "views": "stream", "probe": "attention", "lr": 0.003}
    result = evaluate(make_images(), small_toto, values=values)
    assert state_hash(small_toto) == before
    assert result.record.protocol["adaptation"] == "joint"
    own = [float(row["self_supervised"]) for row in curve(result, "losses")]
    assert np.mean(own[-4:]) < np.mean(own[:4])
    assert (result.path / "backbone" / "card.toml").is_file()
    probed = evaluate(make_images(name="again"), f"run:{result.path}", out="probed")
    assert probed.record.backbone.pretraining[-1] == "unknown"
    assert {row["layer"] for row in curve(probed, "layers")} == {"1", "2"}


def test_the_rope_base_is_that_of_the_protocol(
    make_images: MakeImages, evaluate: Evaluate, small_toto: Toto
) -> None:
    """Other positions give other features; the backbone that was given keeps its own."""
    data = make_images()
    first = evaluate(data, small_toto)
    other = evaluate(data, small_toto, values={"rope_base": 50_000})
    assert small_toto.info.rope_base == 10_000
    assert curve(first, "losses") != curve(other, "losses")


@pytest.mark.parametrize(("base", "told"), [(10_000, False), (50_000, True)])
def test_another_rope_base_is_told(
    make_images: MakeImages,
    evaluate: Evaluate,
    small_toto: Toto,
    monkeypatch: pytest.MonkeyPatch,
    base: int,
    told: bool,
) -> None:
    """Weights that were trained with other positions give worse numbers, and nothing else would show why."""
    said: list[str] = []
    monkeypatch.setattr(Silent, "say", lambda _, text: said.append(text))
    evaluate(make_images(), small_toto, values={"rope_base": base, "epochs": 1})
    assert any("`--set rope_base=10000`" in text for text in said) == told


def test_full_fine_tuning(make_images: MakeImages, evaluate: Evaluate, small_toto: Toto) -> None:
    """With everything that the preset has."""
    values = {
        "adaptation": "none",
        "stop_gradient": False,
        "views": "stream",
        "layers": 1,
        "epochs": 20,
        "probe_batch_norm": False,
        "mixup": 0.8,
        "cutmix": 1.0,
        "label_smoothing": 0.1,
        "random_erasing": 0.25,
        "auto_augment": "rand-m9-mstd0.5-inc1",
        "layer_decay": 0.65,
        "lr_factors": [1.0],
        "drop_path": 0.1,
    }
    data = make_images()
    result = evaluate(data, small_toto, values=values)
    again = evaluate(data, small_toto, values=values, again=True)
    assert numbers(result) == numbers(again)
    losses = [float(row["loss"]) for row in curve(result, "losses")]
    assert np.mean(losses[-6:]) < np.mean(losses[:6])
    assert (result.path / "backbone" / "model.safetensors").is_file()


TUNED = {
    "adaptation": "none",
    "stop_gradient": False,
    "views": "stream",
    "layers": "last",
    "epochs": 2,
    "lr_factors": [1.0],
    "drop_path": 0.2,
}


@pytest.mark.parametrize("name", ["test_vit", "test_efficientnet"])
def test_any_trained_backbone_is_kept(make_images: MakeImages, evaluate: Evaluate, name: str) -> None:
    """With its running means; read again by its path it says the same, and what it began with."""
    data = make_images()
    result = evaluate(data, f"timm:{name}", random_init=True, values=TUNED)
    assert result.record.protocol["drop_path"] == 0.2
    began, trained = load_backbone(f"timm:{name}", random_init=True), load_backbone(f"run:{result.path}")
    assert isinstance(trained, TimmBackbone)
    changed = {
        key
        for key, value in trained.model.state_dict().items()
        if not torch.equal(value, began.model.state_dict()[key])
    }
    assert any("blocks" in key for key in changed)
    assert name == "test_vit" or any("running_mean" in key for key in changed)
    assert trained.info.layers == began.info.layers
    probed = evaluate(data, f"run:{result.path}", out="probed", values={"layers": "last"})
    assert probed.record.backbone.weights == state_hash(trained.checkpointed())
    assert "unknown" in probed.record.backbone.pretraining


def test_a_trained_module_in_memory_keeps_its_weights(make_images: MakeImages, evaluate: Evaluate) -> None:
    """No card says how to build it again."""
    model = as_backbone(timm.create_model("test_vit", num_classes=0, dynamic_img_size=True), name="mine")
    result = evaluate(make_images(), model, values=TUNED | {"drop_path": 0.0})
    assert not (result.path / "backbone" / "card.toml").exists()
    kept = load_file(result.path / "backbone" / "model.safetensors")
    assert kept.keys() == model.checkpointed().state_dict().keys()


def test_augmentation_is_for_fine_tuning_only(make_images: MakeImages, evaluate: Evaluate) -> None:
    with pytest.raises(RequestError, match=r"`mixup`: only full fine-tuning"):
        evaluate(make_images(), values={"mixup": 0.8})


def test_a_backbone_without_a_loss_stays_as_it_is(make_images: MakeImages, evaluate: Evaluate) -> None:
    result = evaluate(make_images(), values={"adaptation": "joint", "views": "stream", "epochs": 2})
    assert result.record.protocol["adaptation"] == "frozen"


def test_a_full_disk_is_said_before(
    make_images: MakeImages, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = room.shutil.disk_usage
    monkeypatch.setattr(room.shutil, "disk_usage", lambda path: replace_free(usage(path), 150_000_000))
    with pytest.raises(Exception, match=r"0\.1 GB free, vectors to be kept take .*views=stream"):
        evaluate(make_images())


def replace_free(usage: Any, free: int) -> Any:
    return usage._replace(free=free)


def test_every_number_of_processes_scores_alike(
    make_images: MakeImages, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """15 items in chunks of 4, scored by one, two or three processes, one after the other."""
    monkeypatch.setattr(scoring, "CHUNK", 4)
    data = make_images()
    alone = evaluate(data, out="alone")
    original, collect = scoring.Scorer.score, scoring._collect
    for size in (2, 3):

        def score(scorer: scoring.Scorer, *args: Any, size: int = size) -> scoring.Scored:
            monkeypatch.setattr(scoring, "_collect", lambda *_: None)
            monkeypatch.setattr(type(scorer.context), "barrier", lambda _: None)
            for rank in range(size):
                context = replace(scorer.context, rank=rank, world_size=size)
                original(replace(scorer, context=context), *args)
            monkeypatch.setattr(scoring, "_collect", collect)
            return original(scorer, *args)

        monkeypatch.setattr(scoring.Scorer, "score", score)
        together = evaluate(data, out=f"of-{size}")
        monkeypatch.setattr(scoring.Scorer, "score", original)
        assert numbers(together) == numbers(alone)


COMMAND = textwrap.dedent(
    """
    import sys, torch
    torch.set_num_threads(1)
    from toto_bench.cli import main
    main()
    """
)


def _start(arguments: list[str], **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def _arguments(data: Path, out: Path, **values: Any) -> list[str]:
    import json

    settings = [f"--set={name}={json.dumps(value)}" for name, value in values.items()]
    return ["run", "--task=imagenet", "--backbone=pixels", f"--data={data}", f"--out={out}", *settings]


@pytest.mark.slow
def test_killed_in_the_middle_of_an_epoch(
    make_images: MakeImages, evaluate: Evaluate, tmp_path: Path
) -> None:
    """SIGKILL while it trains; the same command finishes it with the numbers of an unbroken run."""
    from tests.toto_bench.tasks.recognition.conftest import QUICK

    data, values = make_images(), QUICK | {"views": "stream", "epochs": 60}
    whole = evaluate(data, values={"views": "stream", "epochs": 60}, out="whole")
    arguments = _arguments(data, tmp_path / "killed", **values)
    process = _start(arguments)
    state = None
    while process.poll() is None and not state:
        state = next((tmp_path / "killed").glob("*/state/training/state.pt"), None)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert state is not None
    assert not list((tmp_path / "killed").glob("*/record.json"))
    process = _start(arguments)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    [folder] = (tmp_path / "killed").iterdir()
    assert read_items(folder) == read_items(whole.path)


JOINT = {"adaptation": "joint", "views": "stream", "layers": 1, "epochs": 2, "probe": "attention"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "backbone", "changes"), [(2, "pixels", {}), (3, "pixels", {}), (2, "toto-nano", JOINT)]
)
def test_several_processes(
    make_images: MakeImages, tmp_path: Path, size: int, backbone: str, changes: dict[str, Any]
) -> None:
    """Under torchrun's variables: one record, every item once."""
    from tests.toto_bench.tasks.recognition.conftest import QUICK

    data, out = make_images(), tmp_path / "several"
    arguments = _arguments(data, out, **QUICK | changes)
    arguments[2] = f"--backbone={backbone}"
    if backbone != "pixels":
        arguments.append("--random-init")
    with_port = {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(29_611 + size + 10 * len(changes)),
        "WORLD_SIZE": str(size),
    }
    processes = []
    for rank in range(size):
        environment = (
            os.environ | with_port | {"RANK": str(rank), "LOCAL_RANK": str(rank), "OMP_NUM_THREADS": "1"}
        )
        processes.append(
            subprocess.Popen(
                [sys.executable, "-c", COMMAND, *arguments],
                env=environment,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
    for process in processes:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
    [folder] = out.iterdir()
    items = read_items(folder)
    assert len({item["item"] for item in items}) == len(items) == 15
    assert all(item["correct"] for item in items) or backbone != "pixels"


def test_several_poolings_in_one_pass(
    make_images: Callable[..., Path], evaluate: Callable[..., RunResult]
) -> None:
    """A probe of each pooling on every layer with every rate; each is as it would be alone."""
    data, values = make_images(), {"resolution": 160, "eval_resize": 160, "layers": [1, 2], "epochs": 2}
    options = {"backbone": "timm:test_vit", "random_init": True}
    found = evaluate(data, values=values | {"pooling": ["average", "cls"]}, **options)
    rows = pd.read_csv(found.path / "curves" / "probes.csv")
    assert len(rows) == 2 * 2 * 2
    assert set(rows["head"]) == {"average", "cls"}
    assert "of 2 poolings, rate" in str(found.record.metrics["top1"].selection)
    alone = evaluate(data, out="alone", values=values | {"pooling": "cls"}, **options)
    expected = pd.read_csv(alone.path / "curves" / "probes.csv")
    own = rows[rows["head"] == "cls"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, expected)

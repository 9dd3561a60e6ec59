"""Pre-training from folders to a backbone, through the command line."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from toto_bench.backbones.load import load_backbone
from toto_bench.backbones.names import backbone_card
from toto_bench.backbones.toto.tokenizers import build_tokenizer
from toto_bench.cards.base import parse, read_toml
from toto_bench.cli import invoke
from toto_bench.pretraining import tokenise as tokenise_module
from toto_bench.pretraining.listing import list_files, split
from toto_bench.pretraining.pretrain import pretrain
from toto_bench.pretraining.recipe import Recipe, load_recipe
from toto_bench.pretraining.request import PretrainRequest, parse_data
from toto_bench.training.errors import GroupingError
from toto_bench.training.log import read_log
from toto_bench.training.ranks import Ranks
from toto_bench.training.trainer import Trainer

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def command(tiny, make_videos, make_images, capsys):
    """Runs `pretrain` into a folder: exit code, stdout, stderr."""
    videos, images = make_videos(5), make_images(10)

    def run(out, *options):
        words = ["pretrain", str(tiny["recipe"]), "--data", f"clips={videos}", "--data", f"pictures={images}"]
        code = invoke([*words, "--tokenizer", str(tiny["tokenizer"]), "--out", str(out), *map(str, options)])
        return code, *capsys.readouterr()

    run.words = ["--data", f"clips={videos}", "--data", f"pictures={images}"]
    run.videos = videos
    return run


def losses(folder):
    return [row["loss"] for row in read_log(folder / "log.jsonl") if "loss" in row]


def test_the_result_is_a_backbone(command, tmp_path):
    code, out, err = command(tmp_path / "out", "--json")
    assert code == 0, err
    result = json.loads(out)
    assert result["families"] == ["my-clips", "imagenet-1k"]
    assert result["tokens"] == 12 * 4 * 64
    assert set(result["validation_loss"]) == {"clips", "pictures"}
    assert len(losses(tmp_path / "out")) == 12
    assert np.mean(losses(tmp_path / "out")[-3:]) < losses(tmp_path / "out")[0]
    files = {path.name for path in (tmp_path / "out").iterdir() if path.is_file()}
    assert files == {
        "lock", "log.jsonl", "loss.csv", "loss.png", "loss_frames.csv", "loss_frames.png", "loss_positions.csv",
        "pretraining.json",
    }  # fmt: skip
    backbone = load_backbone(result["backbone"])
    untrained = load_backbone(result["backbone"], random_init=True)
    assert backbone.info.name == result["backbone"] and backbone.info.checkpoint == "card"
    assert backbone.info.weights.startswith("sha256:") and untrained.info.checkpoint == "random"
    assert backbone.tokenizer.identity == untrained.tokenizer.identity
    ids = backbone.prepare(torch.rand(1, 4, 3, 32, 32, generator=torch.Generator().manual_seed(0)))
    features = [model.forward_layers(ids, [1])[0].patches for model in (backbone, untrained)]
    assert features[0].shape == (1, 4, 4, 4, 32)
    assert not torch.equal(*features)
    card = backbone_card(result["backbone"])
    assert card.pretraining.data == ("my-clips", "imagenet-1k")
    assert card.architecture.layers == 2


def test_stopped_it_goes_on_exactly(command, tmp_path, monkeypatch):
    assert command(tmp_path / "whole")[0] == 0
    step = Trainer._step
    stopped = _stopped_at(6, step)
    monkeypatch.setattr(Trainer, "_step", stopped)
    code, _, err = command(tmp_path / "parts")
    assert code == 130 and "goes on where it was" in err
    assert (tmp_path / "parts" / "state.pt").is_file() and not (tmp_path / "parts" / "backbone").exists()
    monkeypatch.setattr(Trainer, "_step", step)
    assert command(tmp_path / "parts")[0] == 0
    assert losses(tmp_path / "parts") == losses(tmp_path / "whole")
    weights = [tmp_path / name / "backbone" / "model.safetensors" for name in ("whole", "parts")]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_finished_it_is_returned_and_others_are_refused(command, tmp_path):
    assert command(tmp_path / "out", "--steps", 2)[0] == 0
    before = (tmp_path / "out" / "backbone" / "model.safetensors").stat().st_mtime_ns
    code, _, err = command(tmp_path / "out", "--steps", 2, "--micro-batch", 1)
    assert code == 0 and "finished before" in err
    assert (tmp_path / "out" / "backbone" / "model.safetensors").stat().st_mtime_ns == before
    code, _, err = command(tmp_path / "out", "--steps", 2, "--seed", 1)
    assert code == 2 and "another training" in err


def test_adaptation_makes_a_backbone_of_its_own(command, tmp_path):
    assert command(tmp_path / "first", "--steps", 4)[0] == 0
    first = load_backbone(f"run:{tmp_path / 'first'}")
    options = ("--init", f"run:{tmp_path / 'first'}", "--tokens", "8x8", "--rope-base", 50000, "--steps", 1)
    code, _, err = command(tmp_path / "second", *options, "--learning-rate", 1e-9)
    assert code == 0, err
    second = load_backbone(f"run:{tmp_path / 'second'}")
    assert (second.config.grid, second.config.rope_base) == (8, 50000)
    for name, value in first.model.state_dict().items():
        torch.testing.assert_close(second.model.state_dict()[name], value, rtol=0, atol=1e-6)
    card = backbone_card(f"run:{tmp_path / 'second'}")
    assert card.architecture.image_size == 64
    assert f"run:{tmp_path / 'first'}" in card.pretraining.method and first.info.state in card.notes[0]


def test_nan_keeps_the_last_state_from_which_another_begins(command, tmp_path, monkeypatch):
    check = Trainer._expect_finite

    def poisoned(self, step, found):
        check(self, step, found | ({"loss": float("nan")} if step == 9 else {}))

    monkeypatch.setattr(Trainer, "_expect_finite", poisoned)
    code, _, err = command(tmp_path / "out")
    assert code == 1
    assert re.search(r"diverged at step 10 \(loss nan\).*after 8 steps, is kept in \S+state.pt", err)
    monkeypatch.setattr(Trainer, "_expect_finite", check)
    state = tmp_path / "out" / "state.pt"
    code, out, err = command(tmp_path / "again", "--init", state, "--steps", 1, "--json")
    assert code == 0, err
    assert json.loads(out)["families"] == ["my-clips", "imagenet-1k"]
    assert losses(tmp_path / "again")[0] < losses(tmp_path / "out")[0]


def test_loss_command(command, tmp_path, capsys):
    assert command(tmp_path / "out", "--steps", 2)[0] == 0
    words = ["loss", f"run:{tmp_path / 'out'}", "--data", str(command.videos), "--stride", "3"]
    assert invoke([*words, "--out", str(tmp_path / "loss"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["losses"]["clips"]
    assert found["sequences"] == 5 and len(found["frames"]) == 4
    assert 0 < found["loss"] < 10
    assert (tmp_path / "loss" / "loss_frames.png").is_file()
    assert invoke(["loss", "pixels", "--data", str(command.videos)]) == 2
    assert "predicts no next token" in capsys.readouterr().err


def test_wrong_requests(command, tmp_path):
    for options, said in (
        (("--init", "absent"), "There is no backbone `absent`"),
        (("--init", "run:absent"), "no trained backbone"),
        (("--backbone", "pixels"), "is not a Toto"),
        (("--tokens", "3x4"), "square frame"),
        (("--data", "films=x"), "no data `films`"),
        (("--data", f"clips={tmp_path / 'absent'}"), "is not a folder"),
        (("--device", "tpu"), "no device `tpu`"),
    ):
        code, _, err = command(tmp_path / "out", *options)
        assert (code, said in err) == (2, True), (options, err)
    assert not (tmp_path / "out").exists()


def test_runs_by_id(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command("runs/mine", "--steps", 1)[0] == 0
    assert load_backbone("run:mine").info.name == "run:mine"


def test_the_recipe_of_the_document_is_one(tmp_path):
    [text] = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "pretrain.md").read_text(), re.DOTALL)
    path = tmp_path / "mine.toml"
    path.write_text(text)
    assert parse(Recipe, read_toml(path), path).data["clips"].path == "/data/clips"


@pytest.mark.slow
def test_two_processes_give_the_losses_of_one(command, tiny, tmp_path):
    assert command(tmp_path / "one")[0] == 0
    words = [
        *(
            "-m",
            "torch.distributed.run",
            "--nproc-per-node",
            "2",
            "--standalone",
            "-m",
            "toto_bench",
            "pretrain",
        ),
        *(str(tiny["recipe"]), *command.words, "--tokenizer", str(tiny["tokenizer"]), "--out"),
    ]
    subprocess.run(
        [sys.executable, *words, str(tmp_path / "two")], check=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    np.testing.assert_allclose(losses(tmp_path / "two"), losses(tmp_path / "one"), rtol=1e-5)


def test_patches_have_no_shards(command, tiny, tmp_path, home):
    """The next patch by regression: decoded in each step, and the loss falls."""
    card = next(tmp_path.glob("tinyplugin/backbones/tiny.toml"))
    text = re.sub(r"vocabulary = \d+", "vocabulary = 0", card.read_text()).replace('"nano"', '"patches"')
    card.write_text(text.replace("patch = 8", "patch = 16").replace("grid = 4", "grid = 2"))
    words = ["pretrain", str(tiny["recipe"]), *command.words, "--out", str(tmp_path / "out"), "--steps", "8"]
    assert invoke(words) == 0
    assert not (home / "cache" / "shards").exists()
    found = losses(tmp_path / "out")
    assert len(found) == 8 and np.mean(found[-3:]) < 0.95 * found[0]
    assert load_backbone(f"run:{tmp_path / 'out'}").config.reads_patches
    rows = list(csv.DictReader((tmp_path / "out" / "loss_positions.csv").open()))
    assert len(rows) == 2 * 4 * 4  # of each source, every patch
    assert np.mean([float(row["loss"]) for row in rows]) < found[0]
    words = ["loss", f"run:{tmp_path / 'out'}", "--data", str(command.videos), "--stride", "3"]
    assert invoke([*words, "--out", str(tmp_path / "loss")]) == 0


def test_what_is_kept_for_validation_is_never_trained_on(command, tiny, tmp_path, monkeypatch):
    read: dict[str, set[str]] = {"own": set(), "kept": set()}
    views = tokenise_module.views_of

    def watched(root, file, kind, viewing):
        read["own" if viewing.seed == 0 else "kept"].add(file)
        return views(root, file, kind, viewing)

    monkeypatch.setattr(tokenise_module, "views_of", watched)
    assert command(tmp_path / "out", "--steps", 1)[0] == 0
    assert len(read["kept"]) >= 2 and len(read["own"]) + len(read["kept"]) == 15
    assert not read["own"] & read["kept"]


def test_validation_goes_on_without_what_cannot_be_read(command, tmp_path):
    listing = list_files(command.videos, "videos")
    for file in split(listing, 0.2)[1].files:
        (command.videos / file).write_bytes(b"no video")
    code, out, err = command(tmp_path / "out", "--steps", 2, "--json")
    assert code == 0 and "no validation on `clips`" in err
    assert set(json.loads(out)["validation_loss"]) == {"pictures"}


def test_other_tokens_are_another_training(command, tiny, tmp_path, monkeypatch):
    """Files of the same names and sizes with other content, and another tokenizer, are never mixed in."""
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", _stopped_at(6, Trainer._step))
        assert command(tmp_path / "out")[0] == 130
    for path in (tmp_path / "images").rglob("*.png"):
        before = path.stat().st_size
        Image.fromarray(np.asarray(Image.open(path))[::-1]).save(path)
        assert path.stat().st_size == before
    code, _, err = command(tmp_path / "out")
    assert code == 2 and "another training" in err
    save_file(build_tokenizer("nano", seed=5).state_dict(), tiny["tokenizer"])
    code, _, err = command(tmp_path / "out")
    assert code == 2 and "another training" in err and "was stopped" in err


def test_a_batch_that_processes_cannot_share_is_refused_before_any_work(
    command, tiny, tmp_path, home, reporter
):
    folders = parse_data(tuple(command.words[1::2]), load_recipe(str(tiny["recipe"])))
    request = PretrainRequest(
        str(tiny["recipe"]),
        data=folders,
        tokenizer=tiny["tokenizer"],
        batch_tokens=3 * 64,
        out=tmp_path / "out",
    )
    with pytest.raises(GroupingError, match="batch of 3 sequences"):
        pretrain(request, Ranks(0, 2), reporter)
    assert not (home / "cache" / "shards").exists() and not (tmp_path / "out").exists()


def test_layers_have_rates_of_their_own(command, tiny, tmp_path, monkeypatch):
    tiny["recipe"].write_text(
        tiny["recipe"].read_text().replace("clip = 1.0", "clip = 1.0\nlayer_decay = 0.5")
    )
    scales = {}
    optimiser = Trainer._optimiser

    def watched(self, groups):
        scales.update({name: group["scale"] for group in groups for name in group["names"]})
        return optimiser(self, groups)

    monkeypatch.setattr(Trainer, "_optimiser", watched)
    assert command(tmp_path / "out", "--steps", 1)[0] == 0
    assert scales["model.embed.weight"] == 0.5 * scales["model.blocks.0.mlp.down.weight"]
    assert scales["model.blocks.0.mlp.down.weight"] == 0.5 * scales["model.blocks.1.mlp.down.weight"]


def test_the_result_knows_its_frames_and_number_type(command, tiny, tmp_path):
    tiny["recipe"].write_text(
        tiny["recipe"]
        .read_text()
        .replace("steps = 12", 'steps = 1\nsaved = "float16"')
        .replace('steps = "mine"', 'steps = "mine"\nsaved = "mine"')
    )
    assert command(tmp_path / "out", "--frames", 2)[0] == 0
    assert load_backbone(f"run:{tmp_path / 'out'}").config.frames == 2
    for name in ("model", "tokenizer"):
        state = load_file(tmp_path / "out" / "backbone" / f"{name}.safetensors")
        assert {value.dtype for value in state.values()} == {torch.float16}


def test_weights_keep_their_settings_and_their_tokenizer(command, tiny, tmp_path, monkeypatch):
    """The saved state of a training as much as a finished one."""
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", _stopped_at(6, Trainer._step))
        assert command(tmp_path / "out", "--rope-base", 5000)[0] == 130
    state = tmp_path / "out" / "state.pt"
    tiny["recipe"].write_text(tiny["recipe"].read_text().replace("my-clips", "other-clips"))
    code, _, err = command(tmp_path / "again", "--init", state, "--steps", 1)
    assert code == 0, err
    again = backbone_card(f"run:{tmp_path / 'again'}")
    assert again.architecture.arguments["rope_base"] == 5000
    assert again.pretraining.data == ("my-clips", "imagenet-1k", "other-clips")
    code, _, err = command(tmp_path / "again", "--init", f"run:{tmp_path / 'again'}", "--steps", 1)
    assert code == 2 and "another training" in err  # it begins with other weights
    save_file(build_tokenizer("nano", seed=5).state_dict(), tiny["tokenizer"])
    for init in (state, f"run:{tmp_path / 'again'}"):
        code, _, err = command(tmp_path / "other", "--init", init, "--steps", 1)
        assert code == 2 and "trained on another tokenizer" in err
    assert not (tmp_path / "other").exists()


def test_files_that_are_not_there_are_not_taken_for_cards(command, tmp_path):
    code, _, err = command(tmp_path / "out", "--init", "nowhere/state.pt")
    assert code == 2 and "there is no such file" in err


def test_a_finished_training_with_other_families_is_not_returned(command, tiny, tmp_path):
    assert command(tmp_path / "out", "--steps", 1)[0] == 0
    tiny["recipe"].write_text(tiny["recipe"].read_text().replace("imagenet-1k", "imagenet-21k"))
    code, _, err = command(tmp_path / "out", "--steps", 1)
    assert code == 2 and "other families of data" in err


def test_a_loss_of_few_sequences_reads_few_files(command, tiny, tmp_path, home, capsys):
    assert command(tmp_path / "out", "--steps", 1)[0] == 0
    words = [
        "loss",
        f"run:{tmp_path / 'out'}",
        "--data",
        str(command.videos),
        "--limit",
        "2",
        "--stride",
        "3",
    ]
    assert invoke([*words, "--out", str(tmp_path / "loss")]) == 0
    rows = [json.loads(path.read_text())["files"] for path in home.glob("cache/shards/*/manifest.json")]
    assert 2 in rows and sum(rows) < 5 + 10 + 5


def _stopped_at(last, step):
    def stopped(self, number, *rest):
        if number == last:
            raise KeyboardInterrupt
        return step(self, number, *rest)

    return stopped

"""Training of the tokenizer: recipe, crops, losses, resumption, the result."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from toto_bench.backbones.toto.tokenizers import load_tokenizer
from toto_bench.cards import CardError
from toto_bench.errors import TotoBenchError
from toto_bench.pretraining.errors import RecipeError, SourceError
from toto_bench.pretraining.listing import list_files
from toto_bench.pretraining.session import Session
from toto_bench.pretraining.tokenizer.crops import Crops, read_frames
from toto_bench.pretraining.tokenizer.objective import Reconstruction, reconstruction_error, unevenness
from toto_bench.pretraining.tokenizer.quality import evenly, measure
from toto_bench.pretraining.tokenizer.recipe import (
    RECIPES,
    load_tokenizer_recipe,
    tokenizer_recipe_names,
)
from toto_bench.pretraining.tokenizer.train import train_tokenizer
from toto_bench.training.errors import DivergedError, GroupingError, OtherTrainingError
from toto_bench.training.log import read_log
from toto_bench.training.ranks import Ranks

SMALL = {"frame_size": 32, "views": 2, "crop": 16, "batch": 4, "steps": 6, "save_every": 2, "validation": 0.3}


@pytest.fixture
def recipe():
    return load_tokenizer_recipe("nano-tokenizer").model_copy(update=SMALL)


@pytest.fixture
def session(reporter):
    return Session(torch.device("cpu"), reporter)


@pytest.fixture
def crops(recipe):
    frames = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    return Crops(frames, recipe, seed=5)


def test_shipped_recipes():
    assert tokenizer_recipe_names() == ["nano-tokenizer"]
    assert load_tokenizer_recipe("nano-tokenizer").name == "nano-tokenizer"
    with pytest.raises(RecipeError, match="Did you mean `nano-tokenizer`"):
        load_tokenizer_recipe("nano-tokeniser")


def test_wrong_recipes_are_explained(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text((RECIPES / "nano-tokenizer.toml").read_text().replace("crop = 64", "crop = 60"))
    with pytest.raises(CardError, match="`crop` = 60"):
        load_tokenizer_recipe(str(path))


def test_a_crop_follows_from_its_position(crops):
    batch = crops.read(range(4, 9))
    assert batch.shape == (5, 3, 17, 17)
    assert batch.dtype == torch.float32
    assert batch.min() >= 0 and batch.max() <= 1
    assert torch.equal(batch[2:3], crops.read(range(6, 7)))
    assert not torch.equal(batch, crops._replace(seed=6).read(range(4, 9)))


def test_the_error_sees_colours_and_edges():
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert reconstruction_error(images, images, 1.0) == 0
    brighter = reconstruction_error(images + 0.1, images, 1.0)
    assert brighter.item() == pytest.approx(4 * 0.1, abs=1e-5)  # four scales; no difference has changed
    stripes = torch.zeros_like(images)
    stripes[..., ::2] = 0.2
    fine = reconstruction_error(images + stripes - 0.1, images, 0.0)
    assert fine.item() == pytest.approx(
        0.1, abs=1e-5
    )  # the mean of two stripes is right at all coarser scales
    assert reconstruction_error(images + stripes - 0.1, images, 1.0).item() == pytest.approx(0.2, abs=1e-5)


def test_even_use_of_levels_is_best():
    even = ((torch.arange(128) + 0.5) / 128)[torch.randperm(128)].view(2, 1, 8, 8)
    assert unevenness(even).item() == pytest.approx(0, abs=1e-6)
    assert unevenness(torch.full_like(even, 0.5)).item() == pytest.approx(0.25, abs=1e-3)


def test_training_lowers_the_loss(recipe, crops):
    torch.manual_seed(0)
    module = Reconstruction(_untrained(), recipe)
    optimiser = torch.optim.Adam(module.parameters(), lr=3e-3)
    batch, losses = crops.read(range(8)), []
    for _ in range(25):
        loss = module(batch)["loss"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_quality_of_an_untrained_one():
    frames = np.random.default_rng(0).integers(0, 256, (3, 30, 44, 3), np.uint8)
    found = measure(_untrained(), frames)
    assert 1 <= found["perplexity"] <= 1000
    assert found["psnr"] < 15
    assert all(0 <= found[name] <= 1 for name in ("codes_used", "kept_noise", "kept_shift"))
    assert evenly(3, 96) == [0, 1, 2]
    assert evenly(100, 3) == [0, 50, 99] or evenly(100, 3) == [0, 49, 99]


def test_result(recipe, session, make_videos, tmp_path):
    trained = train_tokenizer(recipe, make_videos(), session, out=tmp_path / "out", command="this one")
    assert session.reporter.advanced >= recipe.steps
    facts = json.loads((tmp_path / "out" / "tokenizer.json").read_text())
    assert facts == json.loads(json.dumps(trained.facts))
    assert (facts["levels"], facts["stride"], facts["seed"], facts["command"]) == (
        [8, 5, 5, 5],
        8,
        0,
        "this one",
    )
    path = tmp_path / "out" / "tokenizer.safetensors"
    assert facts["bytes"] == path.stat().st_size <= 3e6
    assert load_tokenizer("nano", path=path).identity == facts["identity"]
    assert len((tmp_path / "out" / "loss.csv").read_text().splitlines()) == recipe.steps + 1
    assert (tmp_path / "out" / "loss.png").stat().st_size > 1000
    with Image.open(tmp_path / "out" / "reconstructions.png") as picture:
        assert picture.size == (6 * 32 * 2, 2 * 32 * 2)
    assert not (tmp_path / "out" / "state.pt").exists()
    again = train_tokenizer(recipe, tmp_path / "clips", session, out=tmp_path / "out")
    assert again.reused
    with pytest.raises(OtherTrainingError, match="another training"):
        train_tokenizer(recipe, tmp_path / "clips", session._replace(seed=1), out=tmp_path / "out")


def test_images_serve_as_well(recipe, session, make_images, tmp_path):
    trained = train_tokenizer(recipe, make_images(), session, out=tmp_path / "out")
    assert trained.facts["quality"]["psnr"] > 0


def test_resumes_exactly(recipe, session, make_videos, tmp_path, monkeypatch):
    data = make_videos()
    whole = train_tokenizer(recipe, data, session, out=tmp_path / "whole")
    read = Crops.read

    def fail(self, positions):
        if positions.start >= 4 * recipe.batch:
            raise RuntimeError("killed")
        return read(self, positions)

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="killed"):
        patch.setattr(Crops, "read", fail)
        train_tokenizer(recipe, data, session, out=tmp_path / "parts")
    assert not (tmp_path / "parts" / "tokenizer.json").exists()
    assert (tmp_path / "parts" / "state.pt").exists()
    parts = train_tokenizer(recipe, data, session, out=tmp_path / "parts")
    assert not parts.reused
    assert parts.facts["identity"] == whole.facts["identity"]
    assert read_log(tmp_path / "parts" / "log.jsonl") == read_log(tmp_path / "whole" / "log.jsonl")


def test_a_loss_that_is_no_number_stops(recipe, session, make_videos, tmp_path):
    optimiser = recipe.optimiser.model_copy(update={"learning_rate": 1e30, "clip": None})
    wild = recipe.model_copy(update={"optimiser": optimiser, "steps": 20})
    with pytest.raises(DivergedError, match=r"nan|inf"):
        train_tokenizer(wild, make_videos(), session, out=tmp_path / "out")
    assert not (tmp_path / "out" / "tokenizer.json").exists()


def test_files_that_cannot_be_read_are_left_out_and_named(recipe, reporter, make_videos):
    root = make_videos(count=3)
    (root / "group0/000.mp4").write_bytes(b"no video")
    assert len(read_frames(list_files(root, "videos"), recipe, reporter)) == 2 * recipe.views
    assert "1 of 3 files" in reporter.said[0] and "000.mp4" in reporter.said[0]


def test_wrong_data(recipe, session, make_videos, tmp_path):
    with pytest.raises(SourceError, match="is not a folder"):
        train_tokenizer(recipe, tmp_path / "nowhere", session, out=tmp_path / "out")
    with pytest.raises(SourceError, match="one file"):
        train_tokenizer(recipe, make_videos(count=1), session, out=tmp_path / "out")
    damaged = make_videos(count=3, name="damaged")
    for path in damaged.rglob("*.mp4"):
        path.write_bytes(b"no video")
    with pytest.raises(TotoBenchError, match=r"None of the \d files .*cannot be decoded"):
        train_tokenizer(recipe, damaged, session, out=tmp_path / "out")
    with pytest.raises(GroupingError, match="one process"):
        train_tokenizer(recipe, damaged, session._replace(ranks=Ranks(0, 2)), out=tmp_path / "out")


def _untrained():
    from toto_bench.backbones.toto.tokenizers.nano import NanoTokenizer

    torch.manual_seed(0)
    return NanoTokenizer().eval()

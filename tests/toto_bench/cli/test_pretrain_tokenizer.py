"""The part of `pretrain` that makes a tokenizer: its options and what it says."""

import json

import numpy as np
import pytest

from toto_bench.cli.pretrain_tokenizer import train
from toto_bench.errors import RequestError
from toto_bench.media.h264 import write_h264
from toto_bench.pretraining.tokenizer.recipe import RECIPES

pytestmark = pytest.mark.usefixtures("one_thread")

NUMBERS = {
    "steps = 2400": "steps = 9",
    "crop = 64": "crop = 16",
    "batch = 32": "batch = 2",
    "views = 15": "views = 1",
}


@pytest.fixture
def recipe(tmp_path):
    text = (RECIPES / "nano-tokenizer.toml").read_text()
    for before, after in NUMBERS.items():
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / "small.toml"
    path.write_text(text)
    return str(path)


@pytest.fixture
def clips(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(2):
        frames = np.repeat(rng.integers(0, 256, (3, 4, 4, 3), np.uint8), 8, axis=1).repeat(8, axis=2)
        write_h264(tmp_path / "clips" / f"{number}.mp4", frames, 30, crf=26)
    return str(tmp_path / "clips")


def test_trains_and_says_what_came_out(recipe, clips, tmp_path, capsys):
    options = {"out": tmp_path / "out", "seed": 4, "steps": 2, "workers": 2, "shard": False, "init": None}
    train(recipe, (clips,), options, device="cpu", as_json=True)
    document = json.loads(capsys.readouterr().out)
    facts = json.loads((tmp_path / "out" / "tokenizer.json").read_text())
    assert document["identity"] == facts["identity"]
    assert (facts["seed"], facts["recipe"]["steps"]) == (4, 2)
    train(recipe, (f"video={clips}",), options, device="cpu", as_json=False)
    said = capsys.readouterr()
    assert "finished before" in said.err
    assert f"--tokenizer {tmp_path / 'out' / 'tokenizer.safetensors'}" in said.out
    assert "dB (PSNR" in said.out


def test_options_that_it_does_not_have(recipe, clips):
    with pytest.raises(RequestError, match="has no `--rope-base`, `--shard`"):
        train(recipe, (clips,), {"rope_base": 5e4, "shard": True, "seed": 0}, device="cpu", as_json=False)


@pytest.mark.parametrize("data", [(), ("a", "b")])
def test_it_reads_one_folder(recipe, data):
    with pytest.raises(RequestError, match="one folder of videos"):
        train(recipe, data, {}, device="cpu", as_json=False)

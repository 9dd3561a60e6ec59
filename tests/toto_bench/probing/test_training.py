"""Probes in the training loop: they learn, resume exactly, are the same on two processes; joint training."""

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from toto_bench.backbones.base import Tokens
from toto_bench.backbones.pixels import Pixels
from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.errors import ProbeError
from toto_bench.probing.frozen import kept_features, tokens_of
from toto_bench.probing.joint import JointProbes
from toto_bench.probing.judged import judge
from toto_bench.probing.scores import top_k
from toto_bench.probing.settings import Head, grid
from toto_bench.training.log import read_log
from toto_bench.training.state import STATE_FILE, read_state

TOY = Path(__file__).with_name("toy.py")


@pytest.fixture(scope="module")
def toy() -> ModuleType:
    spec = importlib.util.spec_from_file_location("probing_toy", TOY)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class KilledError(Exception):
    """Stands for kill -9 at the end of a step."""


def losses(folder):
    return [row["loss"] for row in read_log(folder / "log.jsonl")]


def accuracies(trainer):
    """Top-1 of each probe on all items."""
    data = trainer.examples
    batch = data.read(range(len(data.labels)))
    logits = trainer.module.eval().logits(batch).numpy()
    return top_k(judge(logits, batch["targets"].numpy()))


@pytest.mark.parametrize("kind", ["adamw", "sgd", "lars"])
def test_probes_learn_and_resume_exactly(toy, tmp_path, kind):
    peak = {"adamw": 0.02, "sgd": 0.1, "lars": 20.0}[kind]
    whole = toy.make_kept(tmp_path / "whole", kind, peak=peak, steps=30)
    whole.run()
    assert accuracies(whole).max() > 0.9
    assert losses(whole.folder)[-1] < 0.8 * losses(whole.folder)[0]

    def watch(done, *rest):
        if done == 17:
            raise KilledError

    with pytest.raises(KilledError):
        toy.make_kept(tmp_path / "killed", kind, peak=peak, steps=30, watch=watch).run()
    torch.manual_seed(5)
    resumed = toy.make_kept(tmp_path / "killed", kind, peak=peak, steps=30)
    assert resumed.run() == 15
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    state = resumed.module.state_dict()
    assert all(torch.equal(state[name], value) for name, value in whole.module.state_dict().items())


def test_two_processes_give_the_probes_of_one(toy, tmp_path):
    """Without batch norm, whose statistics are those of a process."""
    words = [
        "-m",
        "torch.distributed.run",
        "--nproc-per-node",
        "2",
        "--standalone",
        TOY,
        tmp_path / "two",
        "ddp",
    ]
    done = subprocess.run([sys.executable, *map(str, words)], env=os.environ | {"OMP_NUM_THREADS": "1"},
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    plain = [Head(kind="linear", batch_norm=False), Head(kind="attention", heads=4, batch_norm=False)]
    toy.make_kept(tmp_path / "one", heads=plain).run()
    np.testing.assert_allclose(losses(tmp_path / "two"), losses(tmp_path / "one"), rtol=1e-5)
    states = [read_state(tmp_path / name / STATE_FILE)["model"] for name in ("one", "two")]
    for name, value in states[0].items():
        torch.testing.assert_close(states[1][name], value, rtol=1e-3, atol=1e-5)


def test_a_frozen_backbone_is_neither_trained_nor_saved(toy, tmp_path):
    toto = toy.small_toto()
    before = {name: value.clone() for name, value in toto.state_dict().items()}
    trainer = toy.make_toto(tmp_path, joint=False, toto=toto, steps=40)
    trainer.run()
    assert all(torch.equal(value, before[name]) for name, value in toto.state_dict().items())
    assert not toto.training
    assert all(name.startswith("bank.") for name in read_state(tmp_path / STATE_FILE)["model"])
    assert accuracies(trainer).max() > 0.8


def test_joint_training_is_that_of_the_backbone_alone_and_probes_follow(toy, tmp_path):
    """The stop-gradient: with other labels the backbone ends the same, and its loss falls."""
    ends = []
    for name, flip in (("right", False), ("wrong", True)):
        trainer = toy.make_toto(tmp_path / name, joint=True, steps=40)
        if flip:
            trainer.examples.labels = trainer.examples.labels.flip(0)
        trainer.run()
        ends.append(trainer.module.backbone.state_dict())
        rows = read_log(tmp_path / name / "log.jsonl")
        assert rows[-1]["self_supervised"] < rows[0]["self_supervised"] - 0.3
        assert accuracies(trainer).max() > 0.8
    for name, value in ends[0].items():
        torch.testing.assert_close(value, ends[1][name], rtol=0, atol=0)
    first = toy.small_toto().state_dict()
    assert any((value != first[name]).any() for name, value in ends[0].items())


def test_layers_of_the_backbone_have_rates_of_their_own(toy, tmp_path):
    trainer = toy.make_toto(tmp_path, joint=True)
    rates = {name: group["scale"] for group in trainer.groups for name in group["names"]}
    assert set(rates) == {name for name, _ in trainer.module.named_parameters()}
    scales = {name.split(".")[2] + name.split(".")[3] * ("blocks" in name): rate for name, rate in rates.items()
              if name.startswith("backbone.")}  # fmt: skip
    assert scales["blocks0"] == pytest.approx(0.9**2) and scales["blocks1"] == pytest.approx(0.9)
    assert min(scales.values()) == pytest.approx(0.9**3)
    assert {rate for name, rate in rates.items() if name.startswith("bank.")} == {1.0}


def test_fine_tuning_is_without_the_cut(toy):
    toto = toy.small_toto()
    bank = ProbeBank({2: 16}, [Head(kind="linear", batch_norm=False)], grid([0.1]), 3)
    module = JointProbes(toto, bank, weight=0.0, stop_gradient=False)
    found = module(toy.Codes().read(range(8)))
    assert set(found) == {"loss", "probe_loss"}
    found["loss"].backward()
    assert toto.model.blocks[0].attention.parameters().__next__().grad.abs().sum() > 0


def test_requests_that_train_nothing(toy):
    bank = ProbeBank({1: 16}, [Head(kind="linear")], grid([0.1]), 3)
    with pytest.raises(ProbeError, match="Nothing would train the backbone"):
        JointProbes(toy.small_toto(), bank, weight=0.0)
    with pytest.raises(ProbeError, match=r"has no loss of its own.*adaptation=frozen"):
        JointProbes(Pixels("pixels", 8, None), bank)


def test_kill_9_in_a_joint_training_changes_nothing(toy, tmp_path):
    words = [sys.executable, str(TOY), str(tmp_path / "killed"), "joint", "200"]
    process = subprocess.Popen(words)
    while process.poll() is None and not (tmp_path / "killed" / STATE_FILE).is_file():
        time.sleep(0.005)
    process.kill()
    process.wait()
    subprocess.run(words, check=True)
    toy.make_toto(tmp_path / "whole", joint=True, steps=200, save_every=200).run()
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    one, other = (read_state(tmp_path / name / STATE_FILE)["model"] for name in ("killed", "whole"))
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_what_is_pooled_before_gives_the_same(make_tokens):
    tokens = make_tokens([8, 12], prefix=True)
    heads = [Head(kind="linear", pooling=pooling) for pooling in ("average", "cls", "cls+average")]
    bank = ProbeBank({1: 8, 4: 12}, heads, grid([0.1]), 5, prefix=("cls", "reg")).eval()
    kept = kept_features(tokens, [1, 4], pooled=True)
    assert kept["patches.4"].shape == (6, 1, 1, 1, 12) and kept["prefix.1"].shape == (6, 1, 2, 8)
    torch.testing.assert_close(
        bank.logits(tokens_of(kept, [1, 4])), bank.logits(tokens), rtol=1e-5, atol=1e-6
    )
    whole = tokens_of(kept_features(tokens, [1, 4], pooled=False), [1, 4])
    assert all(torch.equal(one.patches, other.patches) for one, other in zip(whole, tokens, strict=True))
    assert isinstance(whole[0], Tokens)

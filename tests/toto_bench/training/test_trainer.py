"""The loop: exact resumption, equal losses however a batch is cut, divergence, Ctrl-C."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from toto_bench.training.errors import DivergedError, OtherTrainingError
from toto_bench.training.log import read_log
from toto_bench.training.randomness import random_state, restore_random
from toto_bench.training.state import STATE_FILE, read_state


class KilledError(Exception):
    """Stands for kill -9 at the end of a step."""


def losses(folder):
    return [row["loss"] for row in read_log(folder / "log.jsonl")]


@pytest.fixture
def reference(toy, tmp_path):
    """What one process without interruption gives."""
    trainer = toy.make(tmp_path / "reference")
    trainer.run()
    return losses(trainer.folder), trainer.module.state_dict()


def test_resumes_exactly_after_every_step(toy, tmp_path, reference):
    for killed_at in range(1, 12):
        folder = tmp_path / str(killed_at)

        def watch(done, *rest, killed_at=killed_at):
            if done == killed_at:
                raise KilledError

        with pytest.raises(KilledError):
            toy.make(folder, watch=watch, save_every=3).run()
        torch.manual_seed(99)  # whatever another process has drawn
        trainer = toy.make(folder, save_every=3)
        assert trainer.run() == killed_at // 3 * 3 - (3 if killed_at % 3 == 0 else 0)
        assert losses(folder) == reference[0]
        state = trainer.module.state_dict()
        assert all(torch.equal(state[name], value) for name, value in reference[1].items())


def test_a_finished_training_is_left_alone(toy, tmp_path, reference):
    trainer = toy.make(tmp_path / "reference")
    assert trainer.run() == 12
    assert losses(trainer.folder) == reference[0]


def test_training_helps_and_the_log_has_every_step(reference):
    assert len(reference[0]) == 12
    assert np.mean(reference[0][-3:]) < 0.8 * np.mean(reference[0][:3])


@pytest.mark.parametrize("micro", [1, 3, 4])
def test_accumulation_gives_the_same_losses(toy, tmp_path, micro):
    toy.make(tmp_path / "whole", dropout=0.0).run()
    toy.make(tmp_path / "parts", dropout=0.0, micro_batch=micro).run()
    np.testing.assert_allclose(losses(tmp_path / "parts"), losses(tmp_path / "whole"), rtol=1e-5)


def test_gradients_are_clipped_all_together(toy, tmp_path):
    """With plain SGD the first update is the learning rate times the gradient, which is as long as `clip` allows."""
    optimiser = toy.SETTINGS.optimiser.model_dump() | {
        "clip": 0.01,
        "weight_decay": 0.0,
        "schedule": {"kind": "constant"},
    }
    trainer = toy.make(tmp_path, dropout=0.0, steps=1, optimiser=optimiser)
    trainer.build = lambda groups: torch.optim.SGD(groups, lr=1.0)
    before = {name: value.clone() for name, value in trainer.module.state_dict().items()}
    trainer.run()
    changes = [value - before[name] for name, value in trainer.module.state_dict().items()]
    length = torch.cat([change.flatten() for change in changes]).norm()
    torch.testing.assert_close(length, torch.tensor(0.01 * 0.01), rtol=1e-3, atol=0)
    assert read_log(tmp_path / "log.jsonl")[0]["gradient_norm"] > 0.01


def expect_equal(one, two):
    np.testing.assert_allclose(losses(two), losses(one), rtol=1e-5)
    states = [read_state(folder / STATE_FILE)["model"] for folder in (one, two)]
    for name, value in states[0].items():
        torch.testing.assert_close(states[1][name], value, rtol=1e-4, atol=1e-6)


def test_two_processes_give_the_losses_of_one(toy, torchrun, tmp_path):
    toy.make(tmp_path / "one", dropout=0.0).run()
    torchrun(tmp_path / "two", "ddp")
    expect_equal(tmp_path / "one", tmp_path / "two")


@pytest.mark.slow
def test_half_precision_is_the_same_with_half_of_the_weights_each(toy, torchrun, tmp_path):
    """Autocast alone decides the number type: FSDP gathers weights as they are, and norms stay in float32."""
    for how in ("ddp", "fsdp"):
        torchrun(tmp_path / how, how, "bfloat16")
    expect_equal(tmp_path / "ddp", tmp_path / "fsdp")
    toy.make(tmp_path / "whole", dropout=0.0).run()
    assert losses(tmp_path / "ddp") != losses(tmp_path / "whole")


@pytest.mark.slow
def test_two_processes_with_half_of_the_weights_each(toy, torchrun, tmp_path):
    """FSDP2; its state is whole, so that two processes and one go on with it."""
    toy.make(tmp_path / "one", dropout=0.0).run()
    torchrun(tmp_path / "two", "fsdp")
    expect_equal(tmp_path / "one", tmp_path / "two")
    content = read_state(tmp_path / "two" / STATE_FILE)
    torch.save(content | {"steps": 11}, tmp_path / "two" / STATE_FILE)
    torchrun(tmp_path / "two", "fsdp")
    assert read_state(tmp_path / "two" / STATE_FILE)["steps"] == 12
    assert toy.make(tmp_path / "two", dropout=0.0, steps=13).run() == 12
    np.testing.assert_allclose(losses(tmp_path / "two")[:11], losses(tmp_path / "one")[:11], rtol=1e-5)
    assert len(losses(tmp_path / "two")) == 13


@pytest.mark.parametrize("poisoned, saved", [(77, 5), (3, 0)])
def test_nan_stops_at_once_and_keeps_the_last_state(toy, tmp_path, poisoned, saved):
    trainer = toy.make(tmp_path, poison=poisoned)
    kept = "after 5 steps, is kept in" if saved else "No state had been saved"
    with pytest.raises(DivergedError, match=rf"step {poisoned // 8 + 1} \(loss nan.*{kept}"):
        trainer.run()
    assert len(losses(tmp_path)) == poisoned // 8
    assert all(value.isfinite().all() for value in trainer.module.state_dict().values())
    assert (tmp_path / STATE_FILE).is_file() == bool(saved)


def test_infinite_gradients_stop_too(toy, tmp_path):
    class Steep(toy.Toy):
        def forward(self, batch):
            return {"loss": (self.blocks[0].weight - self.blocks[0].weight.detach()).abs().sqrt().sum()}

    with pytest.raises(DivergedError, match=r"gradient norm (nan|inf)"):
        toy.make(tmp_path, module=Steep()).run()


def test_another_training_in_the_folder_is_refused(toy, tmp_path):
    toy.make(tmp_path).run()
    other = toy.make(tmp_path)
    other.identity = "other"
    with pytest.raises(OtherTrainingError, match="holds another training"):
        other.run()


def test_ctrl_c_finishes_the_step_and_saves(toy, tmp_path, reference):
    def watch(done, *rest):
        if done == 7:
            os.kill(os.getpid(), signal.SIGINT)

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        toy.make(tmp_path / "run", watch=watch).run()
    assert signal.getsignal(signal.SIGINT) is handler
    assert read_state(tmp_path / "run" / STATE_FILE)["steps"] == 8  # the signal is seen by the step after it
    toy.make(tmp_path / "run").run()
    assert losses(tmp_path / "run") == reference[0]


def test_evaluations_are_logged_and_repeated_after_resuming(toy, tmp_path):
    trainer = toy.make(tmp_path, evaluate=lambda: {"value": 1.5}, evaluate_every=5)
    trainer.run()
    rows = [row for row in read_log(tmp_path / "log.jsonl") if row.get("kind") == "evaluation"]
    assert [row["step"] for row in rows] == [4, 9, 11]
    assert trainer.module.training


def test_random_generators_come_back():
    state = random_state()
    drawn = (torch.rand(3), np.random.rand(3), random.random())
    restore_random(state)
    again = (torch.rand(3), np.random.rand(3), random.random())
    assert torch.equal(drawn[0], again[0]) and (drawn[1] == again[1]).all() and drawn[2] == again[2]


def killed_and_resumed(folder: Path, steps: int, seconds: list[float]) -> None:
    """Run the toy as a process; kill -9 it after so many seconds from its first line in the log; then to its end."""
    words = [sys.executable, str(Path(__file__).with_name("toy.py")), str(folder), "kill", str(steps)]
    for wait in seconds:
        process = subprocess.Popen(words)
        while process.poll() is None and not (folder / STATE_FILE).is_file():
            time.sleep(0.005)
        time.sleep(wait)
        process.kill()
        process.wait()
    subprocess.run(words, check=True)


def test_kill_9_changes_nothing(toy, tmp_path):
    killed_and_resumed(tmp_path / "killed", 300, [0.05])
    toy.make(tmp_path / "whole", steps=300, micro_batch=2, save_every=400).run()
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")


@pytest.mark.slow
def test_kill_9_at_many_moments(toy, tmp_path):
    moments = [random.uniform(0, 2) for _ in range(6)]
    killed_and_resumed(tmp_path / "killed", 3000, moments)
    toy.make(tmp_path / "whole", steps=3000, micro_batch=2, save_every=400).run()
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")

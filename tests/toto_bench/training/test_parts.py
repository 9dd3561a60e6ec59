"""Schedules by formula, groups, orders of examples, the log."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from toto_bench.files import DiskError
from toto_bench.training.ahead import ahead
from toto_bench.training.errors import GroupingError
from toto_bench.training.groups import parameter_groups
from toto_bench.training.log import StepLog, read_log
from toto_bench.training.ranks import Ranks
from toto_bench.training.sampler import Sampler, and_later
from toto_bench.training.schedule import Schedule
from toto_bench.training.unused import freeze_unused


def test_cosine_with_warm_up():
    schedule = Schedule(warmup_steps=4, min_ratio=0.1)
    assert [schedule.factor(step, 104) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]
    assert schedule.factor(4, 104) == 1.0
    assert schedule.factor(54, 104) == pytest.approx(0.55)
    assert schedule.factor(29, 104) == pytest.approx(0.1 + 0.9 * (1 + math.cos(math.pi / 4)) / 2)
    assert schedule.factor(104, 104) == pytest.approx(0.1)
    assert schedule.factor(500, 104) == pytest.approx(0.1)


def test_constant_and_short():
    assert [Schedule(kind="constant", warmup_steps=2).factor(step, 5) for step in range(4)] == [0.5, 1, 1, 1]
    assert Schedule(warmup_steps=10).factor(2, 3) == pytest.approx(0.3)  # ends within the warm-up


def test_rates_fall_at_milestones() -> None:
    """Warm-up first, then a tenth at each of them."""
    schedule = Schedule(kind="steps", warmup_steps=2, milestones=(4, 6))
    assert [schedule.factor(step, 8) for step in range(8)] == pytest.approx(
        [0.5, 1, 1, 1, 0.1, 0.1, 0.01, 0.01]
    )
    halves = Schedule(kind="steps", milestones=(0, 1), drop=0.5)
    assert halves.factor(0, 9) == 0.5
    assert halves.model_dump() == {"kind": "steps", "warmup_steps": 0, "min_ratio": 0.0} | {
        "milestones": (0, 1),
        "drop": 0.5,
    }
    assert Schedule().model_dump() == {"kind": "cosine", "warmup_steps": 0, "min_ratio": 0.0}


def test_decay_is_for_matrices_and_layers_scale():
    module = nn.ModuleDict({"embed": nn.Embedding(3, 4), "block": nn.Linear(4, 4), "head": nn.LayerNorm(4)})
    module.block.bias.requires_grad = False
    layers = {"embed": 0, "block": 1, "head": 2}
    groups = parameter_groups(
        module,
        weight_decay=0.1,
        layer_decay=0.5,
        layer_of=lambda name: layers[name.split(".")[0]],
        depth=1,
    )
    found = {name: (group["weight_decay"], group["scale"]) for group in groups for name in group["names"]}
    assert found == {
        "embed.weight": (0.1, 0.25),
        "block.weight": (0.1, 0.5),
        "head.weight": (0.0, 1.0),
        "head.bias": (0.0, 1.0),
    }


def test_every_epoch_has_every_example_once_in_another_order():
    sampler = Sampler(11, seed=5)
    epochs = sampler.indices(range(33)).reshape(3, 11)
    assert all(sorted(epoch) == list(range(11)) for epoch in epochs)
    assert not np.array_equal(epochs[0], epochs[1])
    assert np.array_equal(sampler.indices(range(7, 29)), epochs.reshape(-1)[7:29])
    assert not np.array_equal(Sampler(11, seed=6).indices(range(11)), epochs[0])


def test_ranks_share_a_batch():
    assert [Ranks(rank, 3).share(12) for rank in range(3)] == [slice(0, 4), slice(4, 8), slice(8, 12)]
    with pytest.raises(GroupingError, match="multiple"):
        Ranks(0, 3).share(10)


def test_log_is_cut_back(tmp_path):
    log = StepLog(tmp_path / "log.jsonl")
    for step in range(5):
        log.add(step, loss=step / 3)
    log.flush()
    with log.path.open("a") as stream:
        stream.write('{"step": 5, "lo')  # a process was killed here
    log.resume(3)
    assert read_log(log.path) == [{"step": step, "loss": step / 3} for step in range(3)]
    log.resume(0)
    assert read_log(log.path) == []


def test_log_on_a_disk_that_refuses(tmp_path):
    log = StepLog(tmp_path / "absent" / "log.jsonl")
    log.add(0, loss=1.0)
    with pytest.raises(DiskError, match="could not be written"):
        log.flush()


def test_reading_ahead_keeps_order_and_errors():
    assert list(ahead(lambda number: number * 2, range(4))) == [0, 2, 4, 6]
    results = ahead(lambda number: 1 // (2 - number), range(4))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_later_positions_hold_a_whole_epoch_wherever_they_begin() -> None:
    for first in range(7):
        tried = list(and_later(range(first, first + 3), 7))
        assert tried[0] == range(first, first + 3)
        places = [position for each in tried for position in each]
        assert places == list(range(first, first + len(places)))
        epochs = [set(places) >= set(range(7 * epoch, 7 * epoch + 7)) for epoch in (0, 1)]
        assert any(epochs)


def test_what_no_loss_reaches_is_frozen_and_buffers_stay() -> None:
    class Partly(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused, self.norm = nn.Linear(3, 3), nn.Linear(3, 3), nn.BatchNorm1d(3)

        def forward(self, batch: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"loss": self.norm(self.used(batch)).square().sum()}

    module = Partly().eval()
    before = {name: value.clone() for name, value in module.named_buffers()}
    freeze_unused(module, torch.randn(4, 3), torch.device("cpu"))
    trained = {name.split(".")[0] for name, parameter in module.named_parameters() if parameter.requires_grad}
    assert trained == {"used", "norm"}
    assert all(parameter.grad is None for parameter in module.parameters())
    assert all(torch.equal(value, before[name]) for name, value in module.named_buffers())

"""Stacked probes with rates and decays of their own, against an optimiser for each."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.optimisers import optimiser_of, probe_groups
from toto_bench.probing.settings import Head, Setting, grid

HEADS = [Head(kind="linear"), Head(kind="attention", heads=2, queries=2)]
SETTINGS = grid([0.3, 0.02], [0.0, 0.1])
FACTORS = [1 / 3, 2 / 3, 1.0, 0.75, 0.25]
"""Of the learning rate at each step: a warm-up, then down."""
LABELS = torch.tensor([0, 3, 1, 2, 1, 0])


class Lars:
    """MAE's LARS for one parameter, written out."""

    def __init__(self, parameter: nn.Parameter, decay: float) -> None:
        self.parameter, self.decay, self.momentum = parameter, decay, torch.zeros_like(parameter)

    def step(self, rate: float) -> None:
        with torch.no_grad():
            change = self.parameter.grad
            if self.parameter.ndim > 1:
                change = change + self.decay * self.parameter
                weight, size = self.parameter.norm(), change.norm()
                change = change * (0.001 * weight / size if weight > 0 and size > 0 else 1.0)
            self.momentum = 0.9 * self.momentum + change
            self.parameter -= rate * self.momentum


def optimisers_of(kind: str, module: nn.Module, setting: Setting):
    """One torch optimiser for each parameter, as it would be alone: vectors do not decay."""
    for name, parameter in module.named_parameters():
        decay = 0.0 if name.endswith("bias") or name == "query" else setting.weight_decay
        if kind == "adamw":
            yield torch.optim.AdamW([parameter], betas=(0.9, 0.95), weight_decay=decay)
        elif kind == "sgd":
            yield torch.optim.SGD([parameter], lr=0.0, momentum=0.9, weight_decay=decay)
        else:
            yield Lars(parameter, decay)


@pytest.mark.parametrize("kind", ["adamw", "sgd", "lars"])
def test_every_step_is_that_of_an_optimiser_alone(kind, alone, make_tokens):
    bank = ProbeBank({1: 8, 2: 8, 5: 12}, HEADS, SETTINGS, 4).double()
    tokens = make_tokens([8, 8, 12])
    singles = alone(bank, tokens)
    stacked = optimiser_of(kind)(probe_groups(bank))
    each = [
        (probe.setting, list(optimisers_of(kind, module, probe.setting)))
        for probe, module in zip(bank.probes, singles.modules, strict=True)
    ]
    for step, factor in enumerate(FACTORS):
        batch = make_tokens([8, 8, 12], seed=step)
        for group in stacked.param_groups:
            group["lr"] = 0.3 * factor * group["scale"]
        stacked.zero_grad()
        bank(batch, LABELS)["loss"].backward()
        stacked.step()
        for module in singles.modules:
            module.zero_grad()
        sum(F.cross_entropy(part, LABELS) for part in singles.logits(bank, batch)).backward()
        for setting, own in each:
            for optimiser in own:
                if isinstance(optimiser, Lars):
                    optimiser.step(setting.learning_rate * factor)
                    continue
                optimiser.param_groups[0]["lr"] = setting.learning_rate * factor
                optimiser.step()
        singles.expect_equal(lambda parameter: parameter.detach())


def test_lars_takes_zeros_as_they_are():
    """A weight of zero, or a gradient of zero, has a ratio of one."""
    weight = nn.Parameter(torch.stack([torch.zeros(2, 3), torch.ones(2, 3)]).double())
    optimiser = optimiser_of("lars")([{"params": [weight], "weight_decay": 0.0}])
    optimiser.param_groups[0]["lr"] = 0.5
    weight.grad = torch.stack([torch.ones(2, 3), torch.zeros(2, 3)]).double()
    optimiser.step()
    assert torch.equal(weight, torch.stack([torch.full((2, 3), -0.5), torch.ones(2, 3)]).double())


def test_groups_name_every_parameter_once():
    bank = ProbeBank({1: 8}, HEADS, SETTINGS, 4)
    module = nn.Module()
    module.bank = bank
    groups = probe_groups(bank, module, peak=0.6)
    names = sorted(name for group in groups for name in group["names"])
    assert names == sorted(name for name, _ in module.named_parameters())
    assert {group["scale"] for group in groups} == {0.5, 0.02 / 0.6}
    decayed = {
        name.rpartition(".")[2] for group in groups if group["weight_decay"] for name in group["names"]
    }
    assert decayed == {"weight", "key", "value"}

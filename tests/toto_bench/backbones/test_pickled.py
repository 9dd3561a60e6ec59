"""Pickled modules that lead on and on: refused at once, with a reason."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from toto_bench.backbones.checkpoint import read_checkpoint
from toto_bench.backbones.errors import UnreadableWeightsError
from toto_bench.backbones.pickled import StandIn, stand_in

Save = Callable[[nn.Module], Path]
SEQUENTIAL = stand_in("torch.nn.modules.container.Sequential")
STAND_INS: tuple[type[StandIn], ...] = (SEQUENTIAL, stand_in("torch.nn.modules.linear.Linear"))


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """A file with a whole pickled module."""

    def saved(module: nn.Module) -> Path:
        torch.save(module, tmp_path / "module.pkl")
        return tmp_path / "module.pkl"

    return saved


def test_a_part_that_two_have_is_read_for_both(save: Save) -> None:
    """As its state dict has it."""
    shared = nn.Linear(2, 3)
    module = nn.Sequential(shared, nn.Sequential(shared))
    found = read_checkpoint(save(module), stand_ins=STAND_INS)
    assert set(found) == {"0.weight", "0.bias", "1.0.weight", "1.0.bias"}


def test_a_module_inside_itself_is_refused(save: Save) -> None:
    """It would have no end."""
    module = nn.Sequential(nn.Linear(2, 3))
    module.add_module("again", module)
    with pytest.raises(
        UnreadableWeightsError, match=r"module\.pkl.*contains itself.*torch\.save\(model\.state_dict"
    ):
        read_checkpoint(save(module), stand_ins=STAND_INS)


def test_parts_that_double_at_each_level_are_refused(save: Save) -> None:
    """2 to the power of 30 places, in a file of some kilobytes."""
    module = nn.Sequential(nn.Linear(2, 3))
    for _ in range(30):
        module = nn.Sequential(module, module)
    with pytest.raises(UnreadableWeightsError, match=r"module\.pkl.*more than \d+ parts"):
        read_checkpoint(save(module), stand_ins=STAND_INS)


def test_parts_that_are_nested_too_deep_are_refused(save: Save) -> None:
    """Else their tensors would be left out in silence."""
    module: nn.Module = nn.Linear(2, 3)
    for _ in range(40):
        module = nn.Sequential(module)
    with pytest.raises(UnreadableWeightsError, match=r"module\.pkl.*nested"):
        read_checkpoint(save(module), stand_ins=STAND_INS)


def test_names_that_are_no_texts_are_refused(save: Save) -> None:
    """A module has none."""
    module = nn.Sequential(nn.Linear(2, 3))
    module._modules[("a", 1)] = nn.Linear(2, 3)  # type: ignore[index]
    with pytest.raises(UnreadableWeightsError, match=r"module\.pkl.*name"):
        read_checkpoint(save(module), stand_ins=STAND_INS)

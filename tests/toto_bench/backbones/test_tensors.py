"""Hashes of whatever a state dict holds."""

import pytest
import torch
from torch import nn

from toto_bench.backbones.errors import InvalidWeightsError
from toto_bench.backbones.weights import state_hash


class Stateful(nn.Linear):
    """Its state dict holds a word beside its tensors."""

    def get_extra_state(self) -> str:
        return "more"


def test_every_tensor_counts() -> None:
    """Also scalars, complex numbers, bits, and tensors without elements."""
    for tensors in (
        (torch.tensor(1), torch.tensor(2)),
        (torch.ones(2, dtype=torch.complex64) * 1j, (torch.ones(2, dtype=torch.complex64) * 1j).conj()),
        (torch.tensor([True]), torch.tensor([False])),
        (torch.empty(0, 2), torch.empty(0, 3)),
        (torch.ones(2), torch.ones(2).half()),
    ):
        one, other = nn.Module(), nn.Module()
        for module, tensor in zip((one, other), tensors, strict=True):
            module.register_buffer("value", tensor)
        assert state_hash(one) == state_hash(one)
        assert state_hash(one) != state_hash(other)


def test_what_is_no_tensor_is_no_weight() -> None:
    """The same tensors hash the same."""
    linear, stateful = nn.Linear(2, 2), Stateful(2, 2)
    nn.Module.load_state_dict(stateful, linear.state_dict(), strict=False)
    assert state_hash(linear) == state_hash(stateful)


@pytest.mark.parametrize("module", [nn.Linear(2, 2, device="meta"), nn.LazyLinear(2)])
def test_weights_without_values_are_refused(module: nn.Module) -> None:
    """They have no hash."""
    with pytest.raises(InvalidWeightsError, match="has no values"):
        state_hash(module)

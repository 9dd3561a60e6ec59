"""A layer is the same alone and among others, and the user's module keeps no hook."""

import pytest
import torch
from torch import nn

from toto_bench.backbones.python.outputs import read_outputs
from toto_bench.errors import RequestError


class Twice(nn.Module):
    """One part runs twice before the other."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv2d(3, 3, 1)
        self.last = nn.Conv2d(3, 3, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.last(self.mix(self.mix(images)))


OVERWRITING = nn.Sequential(
    nn.Conv2d(3, 8, 4, 4), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.Conv2d(8, 8, 1)
)
IMAGES = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize(
    ("model", "first", "second"), [(OVERWRITING, "1", "3"), (Twice(), "mix", "last"), (Twice(), "mix", "")]
)
def test_a_layer_is_the_same_alone_and_among_others(model: nn.Module, first: str, second: str) -> None:
    """Although a later part overwrites it in place, or it runs again."""
    alone = read_outputs(model.eval(), IMAGES, [first])[first]
    together = read_outputs(model, IMAGES, [second, first])
    assert torch.equal(together[first], alone)
    assert torch.equal(together[second], model(IMAGES))


def test_what_is_kept_can_be_trained() -> None:
    """Gradients pass through a layer that is not the deepest."""
    model = Twice()
    read_outputs(model, IMAGES, ["mix", "last"])["mix"].sum().backward()
    assert model.mix.weight.grad is not None


@pytest.mark.parametrize("names", [("0", "nothing"), ("0", "2"), ("0", "1")])
def test_no_hook_is_left(names: tuple[str, ...]) -> None:
    """Neither after a misspelt layer, nor after a forward that fails, nor after one that does not."""
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Identity(), nn.Conv2d(9, 4, 1))
    try:
        read_outputs(model, IMAGES, names)
    except (RequestError, RuntimeError):
        assert "1" not in names
    assert not any(part._forward_hooks for part in model.modules())

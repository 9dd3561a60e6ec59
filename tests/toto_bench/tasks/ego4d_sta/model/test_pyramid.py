"""Levels and their shapes, the fifth one, and the still branch."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import resnet50

from toto_bench.errors import WeightsError
from toto_bench.tasks.ego4d_sta.model.levels import NAMES, STRIDES
from toto_bench.tasks.ego4d_sta.model.pyramid import Pyramid
from toto_bench.tasks.ego4d_sta.model.still import StillBranch

from .conftest import small

SIZES = torch.tensor([[64, 90], [50, 64]])
SHAPES = {name: (2, 16, 64 // stride, 128 // stride) for name, stride in zip(NAMES, STRIDES, strict=True)}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever downloads weights fails."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a download was tried")

    monkeypatch.setattr("torch.hub.download_url_to_file", refuse)


def maps(count: int) -> list[torch.Tensor]:
    return [torch.randn(2, 6 + number, 4 * (number + 1), 4, requires_grad=True) for number in range(count)]


@pytest.mark.parametrize("count", [4, 5])
def test_five_levels_of_four_or_five_layers(count: int) -> None:
    pyramid = Pyramid(range(6, 6 + count), small())
    levels = pyramid(maps(count), SIZES)
    assert {name: tuple(level.shape) for name, level in levels.items()} == SHAPES
    assert tuple(levels) == NAMES
    if count == 4:
        assert torch.equal(levels["pool"], levels["3"][..., ::2, ::2])


def test_layers_reach_their_level_and_finer_ones() -> None:
    inputs = maps(5)
    levels = Pyramid(range(6, 11), small())(inputs, SIZES)
    for at, name in enumerate(NAMES):
        gradients = torch.autograd.grad(levels[name].sum(), inputs, retain_graph=True, allow_unused=True)
        assert [each is not None for each in gradients] == [layer >= at for layer in range(5)]


@pytest.mark.parametrize("count", [4, 5])
def test_stills_meet_the_clip_on_the_first_four_levels(count: int) -> None:
    pyramid = Pyramid(range(6, 6 + count), small(still_branch=True)).eval()
    inputs, stills = maps(count), torch.rand(2, 3, 64, 90, requires_grad=True)
    levels = pyramid(inputs, SIZES, stills)
    assert {name: tuple(level.shape) for name, level in levels.items()} == SHAPES
    assert stills.grad is None
    levels["0"].sum().backward()
    assert stills.grad is not None and stills.grad.abs().sum() > 0
    assert all(each.grad is not None and each.grad.abs().sum() > 0 for each in inputs)


def test_stills_are_padded_or_cut_to_the_canvas() -> None:
    """What lies beyond the planes is not looked at."""
    branch = StillBranch().eval()
    stills = torch.rand(1, 3, 128, 320)
    with torch.no_grad():
        whole = branch(stills, torch.tensor([[100, 120]]))
        clean = torch.zeros_like(stills)
        clean[:, :, :100, :120] = stills[:, :, :100, :120]
        again = branch(clean[:, :, :100, :120], torch.tensor([[100, 120]]))
    assert [tuple(each.shape) for each in whole] == [
        (1, 256, 32, 32),
        (1, 512, 16, 16),
        (1, 1024, 8, 8),
        (1, 2048, 4, 4),
    ]
    assert all(torch.equal(one, other) for one, other in zip(whole, again, strict=True))


def test_weights_of_a_file(tmp_path: Path) -> None:
    trained = resnet50(weights=None)
    save_file(trained.state_dict(), tmp_path / "resnet.safetensors")
    branch = StillBranch(tmp_path / "resnet.safetensors").eval()
    assert torch.equal(branch.body.layer4[0].conv1.weight, trained.layer4[0].conv1.weight)
    fixed = {name for name, parameter in branch.named_parameters() if not parameter.requires_grad}
    assert {name.split(".")[1] for name in fixed} == {"conv1", "layer1"}
    assert not any(
        "bn" in name for name, _ in branch.named_parameters()
    )  # batch norms are fixed: no parameters
    with torch.no_grad():
        picture = torch.rand(1, 3, 64, 64)
        own = branch(picture, torch.tensor([[64, 64]]))
        mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        x = (picture - mean[:, None, None]) / std[:, None, None]
        trained.eval()
        x = trained.maxpool(trained.relu(trained.bn1(trained.conv1(x))))
        assert torch.allclose(own[0], trained.layer1(x), atol=1e-4)


def test_a_file_that_does_not_fit(tmp_path: Path) -> None:
    save_file({"other": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="other"):
        StillBranch(tmp_path / "other.safetensors")

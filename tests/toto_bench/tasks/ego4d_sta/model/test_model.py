"""The whole model: its parts' losses, the backbone's gradient, kept maps, seeds, one image learnt by heart."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.ops import box_iou

from toto_bench.tasks.ego4d_sta.model import Batch, StaModel, build_sta_model

from .conftest import NOUNS, VERBS, LearningToy, Toy, objects, small

SIZES = torch.tensor([[128, 128], [128, 170]])
TARGETS = [objects([20, 20, 90, 80], noun=2, verb=1, ttc=0.7), objects([60, 10, 160, 120], noun=0, ttc=1.2)]


def model_of(backbone: Toy, seed: int = 0, **changes: Any) -> StaModel:
    return build_sta_model(backbone, small(**changes), NOUNS, VERBS, seed=seed)


def clips(*, frames: int = 3) -> Tensor:
    return torch.rand(2, frames, 3, 128, 128)


def losses_of(model: StaModel, batch: Batch, seed: int = 5) -> dict[str, Tensor]:
    """With the same proposals sampled."""
    torch.manual_seed(seed)
    losses: dict[str, Tensor] = model.train()(batch)
    return losses


def backbone_gradients(model: StaModel, backbone: Toy, batch: Batch) -> list[Tensor | None]:
    backbone.zero_grad(set_to_none=True)
    losses_of(model, batch)["loss"].backward()
    return [parameter.grad for parameter in backbone.parameters()]


@pytest.mark.parametrize("kind", [Toy, LearningToy])
def test_the_loss_is_the_weighted_sum(kind: Callable[[], Toy]) -> None:
    weights = {"noun_weight": 2.0, "verb_weight": 0.3, "ttc_weight": 0.7, "box_weight": 3.0}
    model = model_of(kind(), self_supervised_weight=0.25, **weights)
    losses = losses_of(model, Batch(clips(), None, SIZES, targets=TARGETS))
    factors = {name.removesuffix("_weight"): weight for name, weight in weights.items()}
    factors |= {"objectness": 1.0, "rpn_box": 1.0}
    if kind is LearningToy:
        factors["self_supervised"] = 0.25
    assert set(losses) == {"loss", *factors}
    expected = sum(factor * float(losses[name]) for name, factor in factors.items())
    assert losses["loss"].item() == pytest.approx(expected, rel=1e-5)
    assert [name for name, loss in losses.items() if loss.requires_grad] == ["loss"]


def test_the_backbones_own_loss_changes_its_gradient() -> None:
    batch = Batch(clips(), None, SIZES, targets=TARGETS)
    backbone = LearningToy()
    off, on, twice = (
        backbone_gradients(model_of(backbone, self_supervised_weight=weight), backbone, batch)
        for weight in (0.0, 1.0, 2.0)
    )
    assert all(each is not None and each.abs().sum() > 0 for each in off)
    added = [(one - none, two - none) for none, one, two in zip(off, on, twice, strict=True)]  # type: ignore[operator]
    assert added[0][0].abs().max() > 1e-4
    assert all(torch.allclose(2 * one, two, atol=1e-6) for one, two in added)
    # The loss is of the first block alone.
    assert all(torch.allclose(one, torch.zeros(()), atol=1e-6) for one, _ in added[2:])


def test_without_weight_the_loss_is_not_computed() -> None:
    backbone = LearningToy()
    backbone.forward_with_loss = None  # type: ignore[method-assign, assignment]
    model = model_of(backbone, self_supervised_weight=0.0)
    assert not model.self_supervised
    assert "self_supervised" not in losses_of(model, Batch(clips(), None, SIZES, targets=TARGETS))


def test_a_frozen_backbone_is_only_read() -> None:
    backbone = LearningToy().eval()
    before = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}
    model = model_of(backbone, adaptation="frozen")
    batch = Batch(clips(), None, SIZES, targets=TARGETS)
    assert backbone_gradients(model, backbone, batch) == [None] * 4
    assert "self_supervised" not in losses_of(model, batch)
    assert not any("backbone" in name for name, _ in model.named_parameters())
    assert not any("backbone" in name for name in model.state_dict())
    assert all(parameter.requires_grad for parameter in backbone.parameters())
    assert not backbone.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in backbone.state_dict().items())


def test_kept_maps_give_what_inputs_give() -> None:
    model = model_of(Toy(), adaptation="frozen")
    inputs = clips()
    read = Batch(inputs, None, SIZES, targets=TARGETS)
    kept = Batch(None, model.maps(inputs), SIZES, targets=TARGETS)
    one, other = losses_of(model, read), losses_of(model, kept)
    assert one == other
    for found, again in zip(model.detect(read), model.detect(kept), strict=True):
        assert len(found.scores)
        assert all(torch.equal(*pair) for pair in zip(found, again, strict=True))


@pytest.mark.parametrize("pooling", ["mean", "last"])
def test_maps_are_pooled_over_time(pooling: str) -> None:
    backbone, inputs = Toy(), clips(frames=4)
    model = model_of(backbone, temporal_pooling=pooling)
    assert model.layers == (1, 1, 2, 2, 2)
    maps = model.maps(inputs)
    assert [tuple(part.shape) for part in maps] == [(2, 6, 8, 8)] * 2 + [(2, 10, 8, 8)] * 3
    tokens = backbone.forward_layers(inputs, [2])[0].patches
    expected = tokens[:, -1] if pooling == "last" else tokens.mean(1)
    assert torch.allclose(maps[-1][1, :, 3, 4], expected[1, 3, 4], atol=1e-6)
    assert maps[0].requires_grad


def test_a_seed_decides_the_weights_and_leaves_the_generator_alone() -> None:
    before = torch.random.get_rng_state()
    one, same, other = (model_of(Toy(), seed).detector.state_dict() for seed in (1, 1, 2))
    drawn = [name for name in one if name.endswith("weight")]
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in drawn)
    model_of(backbone := Toy(), 1)
    torch.random.set_rng_state(before)
    model_of(backbone, 1)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_same_seed_gives_the_same_losses() -> None:
    model = model_of(Toy())
    batch = Batch(clips(), None, SIZES, targets=TARGETS)
    assert losses_of(model, batch, 1) == losses_of(model, batch, 1)
    assert losses_of(model, batch, 1) != losses_of(model, batch, 2)


def test_layers_of_parameters() -> None:
    model = model_of(Toy())
    layers = {name: model.layer_of(name) for name, _ in model.named_parameters()}
    assert {name: layer for name, layer in layers.items() if name.startswith("backbone")} == {
        "backbone.blocks.0.weight": 1,
        "backbone.blocks.0.bias": 1,
        "backbone.blocks.1.weight": 2,
        "backbone.blocks.1.bias": 2,
    }
    assert {layer for name, layer in layers.items() if not name.startswith("backbone")} == {model.depth + 1}


def test_detecting_leaves_modes_as_they_were() -> None:
    model = model_of(Toy()).train()
    batch = Batch(clips(), None, SIZES)
    first = model.detect(batch)
    assert model.training and model.detector.proposals.rpn.training
    second = model.eval().detect(batch)
    assert all(torch.equal(*pair) for pair in zip(first[0], second[0], strict=True))


def test_the_still_branch() -> None:
    model = model_of(Toy(), still_branch=True, still_short_side=64)
    planes, targets = torch.tensor([[64, 64]]), [objects([10, 10, 50, 40])]
    batch = Batch(clips()[:1], None, planes, stills=torch.rand(1, 3, 64, 64), targets=targets)
    assert all(loss.isfinite() for loss in losses_of(model, batch).values())
    assert len(model.detect(batch)) == 1


def test_one_image_is_learnt_by_heart() -> None:
    """A red thing is found where it is, as what it is, with its time."""
    picture = torch.full((1, 2, 3, 128, 128), 0.5)
    picture[..., 0, 32:96, 32:96] = 1.0
    target = objects([32, 32, 96, 96], noun=1, verb=1, ttc=1.4)
    backbone = Toy((32, 32), patch=8)
    batch = Batch(backbone.prepare(picture), None, torch.tensor([[128, 128]]), targets=[target])
    model = model_of(backbone).train()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(32):
        optimiser.zero_grad()
        model(batch)["loss"].backward()
        optimiser.step()
    found = model.detect(batch)[0]
    assert found.scores[0] > 0.5
    assert (found.nouns[0], found.verbs[0]) == (1, 1)
    assert found.ttc[0].item() == pytest.approx(1.4, abs=0.4)
    assert box_iou(found.boxes[:1], target.boxes) > 0.6

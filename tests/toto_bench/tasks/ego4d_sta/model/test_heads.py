"""Losses of the heads against torchvision's own and against plain arithmetic; the picture's part in a box."""

import math

import pytest
import torch
from torch import Tensor

from toto_bench.tasks.ego4d_sta.model import Targets
from toto_bench.tasks.ego4d_sta.model.heads import Heads
from toto_bench.tasks.ego4d_sta.model.levels import NAMES, STRIDES

from .conftest import NOUNS, VERBS, objects, small

CANVAS = (128, 192)
SIZES = torch.tensor([[120, 170], [128, 192]])
TARGETS = [
    Targets(
        torch.tensor([[10.0, 10, 60, 60], [80.0, 30, 150, 110]]),
        torch.tensor([0, 2]),
        torch.tensor([1, 0]),
        torch.tensor([0.5, 4.0]),
    ),
    objects([20, 20, 100, 90], noun=1, verb=1, ttc=1.5),
]
Proposed = tuple[dict[str, Tensor], list[Tensor]]


@pytest.fixture
def proposed() -> Proposed:
    """Levels of noise, and proposals around the objects and elsewhere."""
    levels = {
        name: torch.randn(2, 16, *(side // stride for side in CANVAS))
        for name, stride in zip(NAMES, STRIDES, strict=True)
    }
    proposals = []
    for target in TARGETS:
        near = (target.boxes.repeat(20, 1) + torch.randn(20 * len(target.boxes), 4) * 4).clamp(0, 119)
        corners = torch.rand(200, 2) * 60
        far = torch.cat([corners, corners + 5 + torch.rand(200, 2) * 40], -1)
        proposals.append(torch.cat([near, far]))
    return levels, proposals


def test_noun_and_box_are_torchvisions(proposed: Proposed) -> None:
    heads = Heads(small(roi_fusion="none"), NOUNS, VERBS).train()
    torch.manual_seed(1)
    ours = heads.losses(*proposed, SIZES, CANVAS, TARGETS)
    torch.manual_seed(1)
    wanted = [{"boxes": each.boxes, "labels": each.nouns + 1} for each in TARGETS]
    _, theirs = heads.boxes(*proposed, [CANVAS] * 2, wanted)
    assert torch.equal(ours["noun"], theirs["loss_classifier"])
    assert torch.equal(ours["box"], theirs["loss_box_reg"])
    assert ours["box"] > 0


def test_verb_and_time_by_hand(proposed: Proposed) -> None:
    """Every sampled proposal has a verb, the background's if it meets no object; only those that do have a time."""
    heads = Heads(small(), NOUNS, VERBS).train()
    torch.manual_seed(1)
    losses = heads.losses(*proposed, SIZES, CANVAS, TARGETS)
    torch.manual_seed(1)
    wanted = [{"boxes": each.boxes, "labels": each.nouns + 1} for each in TARGETS]
    sampled, matched, labels, _ = heads.boxes.select_training_samples(proposed[1], wanted)
    with torch.no_grad():
        outputs = heads(proposed[0], sampled, SIZES, CANVAS)
    verb, time, found, row = 0.0, 0.0, 0, 0
    for target, objects_of, nouns in zip(TARGETS, matched, labels, strict=True):
        for which, noun in zip(objects_of.tolist(), nouns.tolist(), strict=True):
            truth = int(target.verbs[which]) + 1 if noun else 0
            logits = outputs.verbs[row].tolist()
            verb += math.log(sum(math.exp(logit) for logit in logits)) - logits[truth]
            if noun:
                assert noun == int(target.nouns[which]) + 1
                away = abs(float(outputs.ttc[row]) - float(target.ttc[which]))
                time += away - 0.5 if away > 1 else away**2 / 2
                found += 1
            row += 1
    assert 20 < found < row
    assert losses["verb"].item() == pytest.approx(verb / row, rel=1e-5)
    assert losses["ttc"].item() == pytest.approx(time / found, rel=1e-5)


def test_no_objects_at_all(proposed: Proposed) -> None:
    """Everything is background, and every parameter has a gradient: processes that train together wait for each."""
    heads = Heads(small(), NOUNS, VERBS).train()
    losses = heads.losses(*proposed, SIZES, CANVAS, [objects(), objects()])
    assert losses["ttc"] == losses["box"] == 0
    torch.stack(list(losses.values())).sum().backward()
    for name, parameter in heads.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name


def test_times_are_positive_and_of_any_size(proposed: Proposed) -> None:
    heads = Heads(small(), NOUNS, VERBS)
    with torch.no_grad():
        heads.ttc.weight.mul_(1000)
    ttc = heads(*proposed, SIZES, CANVAS).ttc
    assert (ttc >= 0).all() and ttc.max() > 10


def test_a_box_knows_the_picture_that_it_lies_in(proposed: Proposed) -> None:
    """Only the fusion reads the last level: without it, a change there changes nothing; with it, that image's boxes."""
    levels, proposals = proposed
    changed = levels | {"pool": levels["pool"].clone()}
    changed["pool"][1, :, 0, 0] += 5
    split = len(proposals[0])
    for fusion, same in (("none", True), ("concat_residual", False)):
        heads = Heads(small(roi_fusion=fusion), NOUNS, VERBS)
        before, after = (heads(each, proposals, SIZES, CANVAS).nouns for each in (levels, changed))
        assert torch.equal(before[:split], after[:split])
        assert torch.equal(before[split:], after[split:]) is same


def test_padding_is_no_part_of_the_picture(proposed: Proposed) -> None:
    levels, proposals = proposed
    sizes = torch.tensor([[64, 128], [128, 192]])
    changed = levels | {"pool": levels["pool"].clone()}
    changed["pool"][0, :, 1:] += 5
    changed["pool"][0, :, :, 2:] -= 5
    heads = Heads(small(), NOUNS, VERBS)
    before, after = (heads(each, proposals, sizes, CANVAS).nouns for each in (levels, changed))
    assert torch.equal(before, after)


def test_the_residual_is_added_to_what_a_box_shows(proposed: Proposed) -> None:
    heads = Heads(small(), NOUNS, VERBS)
    alone = Heads(small(roi_fusion="none"), NOUNS, VERBS)
    alone.load_state_dict({k: v for k, v in heads.state_dict().items() if not k.startswith("mapper")})
    assert heads.mapper is not None
    with torch.no_grad():
        heads.mapper[-1].weight.zero_()
        heads.mapper[-1].bias.zero_()
    assert torch.equal(heads(*proposed, SIZES, CANVAS).nouns, alone(*proposed, SIZES, CANVAS).nouns)


@pytest.mark.parametrize(("side", "level"), [(20, 0), (111, 0), (112, 1), (224, 2), (500, 3)])
def test_large_boxes_are_read_from_coarse_levels(side: int, level: int) -> None:
    """A box of 224 pixels from stride 16 (arXiv 1612.03144, equation 1), whatever the first batch was."""
    heads = Heads(small(), NOUNS, VERBS)
    for width in (64, 512):
        levels = {
            name: torch.full((1, 16, 512 // stride, width // stride), float(number))
            for number, (name, stride) in enumerate(zip(NAMES, STRIDES, strict=True))
        }
        box = torch.tensor([[0.0, 0, side, side]])
        pooled = heads.boxes.box_roi_pool(levels, [box], [(512, width)])
    assert pooled.unique().tolist() == [level]

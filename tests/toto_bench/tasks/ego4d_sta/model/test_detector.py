"""Shapes, and what goes wrong in detectors: odd and tiny planes, objects without area, images without objects."""

import pytest
import torch

from toto_bench.tasks.ego4d_sta.model.detector import Detector, learnable

from .conftest import NOUNS, VERBS, objects, small

LOSSES = {"noun", "verb", "ttc", "box", "objectness", "rpn_box"}


def maps(batch: int, count: int = 5, side: int = 8) -> list[torch.Tensor]:
    return [torch.randn(batch, 6, side, side) for _ in range(count)]


@pytest.mark.parametrize(
    ("short", "sizes"),
    [
        (128, [[128, 170], [97, 128]]),
        (64, [[64, 65], [113, 64]]),
        (64, [[64, 1]]),
    ],
)
@pytest.mark.parametrize("count", [4, 5])
def test_planes_of_any_size(short: int, sizes: list[list[int]], count: int) -> None:
    detector = Detector([6] * count, small(still_short_side=short), NOUNS, VERBS).train()
    planes = torch.tensor(sizes)
    targets = [objects([0, 5, 40, 40]) for _ in sizes]
    losses = detector(maps(len(sizes), count), planes, targets)
    assert set(losses) == LOSSES
    assert all(loss.isfinite() and loss.ndim == 0 for loss in losses.values())
    torch.stack(list(losses.values())).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in detector.parameters())
    detector.eval()
    with torch.no_grad():
        for found, (height, width) in zip(
            detector.detect(maps(len(sizes), count), planes), sizes, strict=True
        ):
            rows = len(found.scores)
            assert found.boxes.shape == (rows, 4) and rows <= 100
            assert (found.boxes >= 0).all() and (found.boxes <= torch.tensor([width, height] * 2)).all()
            assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)
            assert (found.scores > 0.05).all()
            assert ((found.nouns >= 0) & (found.nouns < NOUNS)).all()
            assert ((found.verbs >= 0) & (found.verbs < VERBS)).all()


def test_objects_without_area_are_left_out() -> None:
    odd = objects([30, 30, 30, 60], [30, 30, 60, 20], [200, 10, 260, 40], [-10, 90, 50, 160], [1, 1, 9, 9])
    odd.nouns[:] = torch.arange(5)
    found = learnable(odd, (128, 170))
    assert found.boxes.tolist() == [[0, 90, 50, 128], [1, 1, 9, 9]]
    assert found.nouns.tolist() == [3, 4]
    assert len(found.ttc) == len(found.verbs) == 2


def test_images_without_learnable_objects_beside_others() -> None:
    detector = Detector([6] * 5, small(), NOUNS, VERBS).train()
    planes = torch.tensor([[128, 128]] * 3)
    targets = [objects(), objects([30, 30, 30, 60]), objects([10, 10, 90, 90], noun=2, verb=1)]
    losses = detector(maps(3), planes, targets)
    assert all(loss.isfinite() for loss in losses.values())
    assert losses["box"] > 0


def test_a_prediction_does_not_depend_on_the_images_beside_it() -> None:
    detector = Detector([6] * 5, small(), NOUNS, VERBS).eval()
    inputs, planes = maps(2), torch.tensor([[128, 170], [128, 300]])
    with torch.no_grad():
        both = detector.detect(inputs, planes)
        alone = detector.detect([part[:1] for part in inputs], planes[:1])
    assert len(both[0].scores)
    assert all(torch.equal(one, other) for one, other in zip(both[0], alone[0], strict=True))


def test_autocast_does_not_coarsen_boxes() -> None:
    """In bfloat16 a coordinate of 130 would be even."""
    detector = Detector([6] * 5, small(), NOUNS, VERBS).eval()
    inputs, planes = maps(1), torch.tensor([[128, 300]])
    with torch.no_grad():
        plain = detector.detect(inputs, planes)
        with torch.autocast("cpu", torch.bfloat16):
            mixed = detector.detect([part.bfloat16().float() for part in inputs], planes)
    assert mixed[0].boxes.dtype == torch.float32
    assert len(plain[0].scores) == len(mixed[0].scores) > 0
    best = mixed[0].boxes[:, 2:]
    assert (best[best > 130].frac() > 0.01).any()


def test_layers_of_different_scale_enter_alike() -> None:
    detector = Detector([6] * 5, small(), NOUNS, VERBS)
    inputs, planes = maps(1), torch.tensor([[128, 128]])
    big = [part * 1000 + 7 for part in inputs]
    one, other = (detector.pyramid(each, planes) for each in (inputs, big))
    assert all(torch.allclose(one[name], other[name], atol=1e-3) for name in one)
    plain = Detector([6] * 5, small(map_norm="none"), NOUNS, VERBS)
    assert plain.pyramid(big, planes)["0"].std() > 100 * plain.pyramid(inputs, planes)["0"].std()

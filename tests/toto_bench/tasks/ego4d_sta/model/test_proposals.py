"""Anchors and proposals."""

import torch
from torchvision.models.detection import fasterrcnn_resnet50_fpn
from torchvision.models.detection.image_list import ImageList

from toto_bench.tasks.ego4d_sta.model.levels import NAMES, STRIDES
from toto_bench.tasks.ego4d_sta.model.proposals import Proposals

CANVAS = (64, 128)


def levels() -> dict[str, torch.Tensor]:
    return {
        name: torch.randn(1, 16, *(side // stride for side in CANVAS))
        for name, stride in zip(NAMES, STRIDES, strict=True)
    }


def test_the_numbers_are_torchvisions() -> None:
    """Those of its Faster R-CNN, which StillFast leaves as they are."""
    ours = Proposals(256, 32).rpn
    theirs = fasterrcnn_resnet50_fpn(weights=None, weights_backbone=None).rpn
    for name in ("_pre_nms_top_n", "_post_nms_top_n"):
        same = {"training": 2000, "testing": 1000}
        assert getattr(ours, name) == getattr(theirs, name) == same
    for name in ("nms_thresh", "score_thresh", "min_size"):
        assert getattr(ours, name) == getattr(theirs, name)
    for part in ("proposal_matcher", "fg_bg_sampler", "box_coder"):
        assert vars(getattr(ours, part)) == vars(getattr(theirs, part))
    pictures = ImageList(torch.zeros(1, 3, *CANVAS), [CANVAS])
    features = list(levels().values())
    pairs = zip(
        ours.anchor_generator(pictures, features), theirs.anchor_generator(pictures, features), strict=True
    )
    assert all(torch.equal(one, other) for one, other in pairs)


def test_anchors_of_another_side() -> None:
    generator = Proposals(16, 8).rpn.anchor_generator
    squares = [cells[1] for cells in generator.cell_anchors]
    assert [float(box[2] - box[0]) for box in squares] == [8, 16, 32, 64, 128]


def test_proposals_lie_on_their_plane_and_have_losses_in_training_only() -> None:
    proposals = Proposals(16, 32)
    boxes = [torch.tensor([[10.0, 10, 50, 40]])]
    found, losses = proposals.train()(levels(), [(60, 90)], CANVAS, boxes)
    assert set(losses) == {"objectness", "rpn_box"}
    assert len(found) == 1 and len(found[0])
    assert (found[0] >= 0).all() and (found[0] <= torch.tensor([90.0, 60, 90, 60])).all()
    found, losses = proposals.eval()(levels(), [(60, 90)], CANVAS)
    assert losses == {} and 0 < len(found[0]) <= 1000

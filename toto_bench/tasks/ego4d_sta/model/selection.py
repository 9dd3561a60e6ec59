"""From what proposals hold to predictions: the score, the threshold, and the suppression of doubles."""

from typing import NamedTuple

import torch
from torch import Tensor
from torchvision.ops import batched_nms, clip_boxes_to_image, remove_small_boxes

from toto_bench.tasks.ego4d_sta.model.batch import Detections
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol

SMALLEST = 0.01
"""Pixels per side below which a box is none (torchvision)."""


class Scored(NamedTuple):
    """Every proposal of one image, as each of the nouns."""

    boxes: Tensor
    """[n, K + 1, 4], pixels of the plane, the background first."""
    nouns: Tensor
    """Logits [n, K + 1], the background first."""
    verbs: Tensor
    """Logits [n, V + 1], the background first."""
    ttc: Tensor
    """Seconds [n]."""


def select(scored: Scored, size: tuple[int, int], protocol: EgoStaProtocol) -> Detections:
    """The predictions of one image, by falling score.

    Each proposal may become several predictions, one for each noun; verb and time are the proposal's. The score is
    P(noun) x P(verb) of the likeliest verb (StillFast, commit 199ba490, `verb_topk` = 1).

    Args:
        scored: all proposals.
        size: height and width of the plane, to which boxes are cut.
        protocol: threshold, overlap, number.
    """
    best, verbs = scored.verbs.softmax(-1)[:, 1:].max(-1)
    scores = scored.nouns.softmax(-1)[:, 1:] * best[:, None]
    boxes = clip_boxes_to_image(scored.boxes[:, 1:], size)
    rows, nouns = torch.where(scores > protocol.score_threshold)
    scores, boxes, verbs = scores[rows, nouns], boxes[rows, nouns], verbs[rows]
    keep = remove_small_boxes(boxes, SMALLEST)
    rows, nouns, verbs, scores, boxes = (part[keep] for part in (rows, nouns, verbs, scores, boxes))
    # In float64: pairs of noun and verb are moved apart by their number times the plane's side, which float32 rounds
    # to whole pixels.
    pairs = nouns * scored.verbs.shape[-1] + verbs
    keep = batched_nms(boxes.double(), scores.double(), pairs, protocol.nms_iou)
    keep = keep[: protocol.detections_per_image]
    return Detections(boxes[keep], nouns[keep], verbs[keep], scored.ttc[rows[keep]], scores[keep])

"""The score, the threshold, suppression for each noun and verb, the number, the borders."""

import torch
from torch import Tensor

from toto_bench.tasks.ego4d_sta.model.selection import Scored, select

from .conftest import small


def scored(
    boxes: list[list[float]], nouns: list[list[float]], verbs: list[list[float]], ttc: list[float]
) -> Scored:
    """From probabilities, the background first; each noun has the proposal's box."""
    repeated = torch.tensor(boxes)[:, None].expand(-1, len(nouns[0]), -1)
    return Scored(repeated, torch.tensor(nouns).log(), torch.tensor(verbs).log(), torch.tensor(ttc))


def near(found: Tensor, expected: list[float]) -> bool:
    return torch.allclose(found, torch.tensor(expected), atol=1e-6)


def test_the_score_is_noun_times_largest_verb_that_is_not_the_background() -> None:
    found = select(scored([[0.0, 0, 20, 20]], [[0.5, 0.3, 0.2]], [[0.6, 0.1, 0.3]], [0.7]), (64, 64), small())
    assert near(found.scores, [0.09, 0.06])
    assert found.nouns.tolist() == [0, 1]
    assert found.verbs.tolist() == [1, 1]
    assert near(found.ttc, [0.7, 0.7])


def test_scores_at_the_threshold_are_dropped() -> None:
    all_of = scored([[0.0, 0, 20, 20]], [[0.5, 0.25, 0.25]], [[0.5, 0.5, 0.0]], [0.7])
    assert len(select(all_of, (64, 64), small(score_threshold=0.125)).scores) == 0
    assert len(select(all_of, (64, 64), small(score_threshold=0.1249)).scores) == 2


def test_doubles_of_a_noun_and_verb_are_suppressed() -> None:
    boxes = [[0.0, 0, 20, 20], [0.0, 0, 20, 18], [0.0, 0, 20, 19], [40.0, 40, 60, 60]]
    nouns = [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]]
    same, other = [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
    found = select(scored(boxes, nouns, [same, same, same, same], [1, 2, 3, 4]), (64, 64), small())
    assert near(found.ttc, [1, 4])  # one of three at the same place, and the one elsewhere
    found = select(scored(boxes, nouns, [same, other, same, same], [1, 2, 3, 4]), (64, 64), small())
    assert near(found.ttc, [1, 2, 4])  # another verb suppresses nothing
    assert found.verbs.tolist() == [0, 1, 0]


def test_an_overlap_of_the_threshold_is_no_double() -> None:
    boxes = [[0.0, 0, 20, 20], [0.0, 0, 20, 10]]
    two = scored(boxes, [[0.1, 0.9], [0.2, 0.8]], [[0.0, 1.0]] * 2, [1, 2])
    assert len(select(two, (64, 64), small(nms_iou=0.5)).scores) == 2
    assert len(select(two, (64, 64), small(nms_iou=0.49)).scores) == 1


def test_suppression_is_exact_with_many_pairs() -> None:
    """torchvision moves pairs apart by their number times the largest side, which float32 rounds to a pixel."""
    nouns, verbs = 87, 74
    noun_logits = torch.full((2, nouns + 1), -30.0)
    noun_logits[:, nouns] = torch.tensor([5.0, 4.0])
    verb_logits = torch.full((2, verbs + 1), -30.0)
    verb_logits[:, verbs] = 5.0
    places = torch.tensor(
        [[1300.0, 700.0, 1300.8, 701.0], [1300.0, 700.0, 1300.4, 701.0]]
    )  # an overlap of a half
    all_of = Scored(places[:, None].expand(-1, nouns + 1, -1), noun_logits, verb_logits, torch.ones(2))
    found = select(all_of, (800, 1333), small(nms_iou=0.51))
    assert found.nouns.tolist() == [86, 86]
    assert len(select(all_of, (800, 1333), small(nms_iou=0.49)).scores) == 1


def test_at_most_so_many_and_the_best() -> None:
    boxes = [[10.0 * n, 0, 10.0 * n + 8, 8] for n in range(6)]
    nouns = [[1 - p, p] for p in (0.3, 0.9, 0.5, 0.8, 0.4, 0.6)]
    found = select(scored(boxes, nouns, [[0.0, 1.0]] * 6, [1.0] * 6), (64, 64), small(detections_per_image=3))
    assert near(found.scores, [0.9, 0.8, 0.6])


def test_boxes_are_cut_to_the_plane_and_dropped_outside() -> None:
    boxes = [[-5.0, -5, 200, 30], [70.0, 10, 90, 20]]
    found = select(scored(boxes, [[0.1, 0.9]] * 2, [[0.0, 1.0]] * 2, [1, 2]), (40, 64), small())
    assert found.boxes.tolist() == [[0, 0, 64, 30]]


def test_no_proposals() -> None:
    none = Scored(torch.zeros(0, 3, 4), torch.zeros(0, 3), torch.zeros(0, 3), torch.zeros(0))
    found = select(none, (64, 64), small())
    assert [len(part) for part in found] == [0] * 5
    assert found.boxes.shape == (0, 4)

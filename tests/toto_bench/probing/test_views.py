"""Views of an item are summed once each, and all of them; the answers of SlowFast's TestMeter."""

import json
from pathlib import Path

import numpy as np
import pytest

from toto_bench.probing.errors import ViewError
from toto_bench.probing.judged import judge
from toto_bench.probing.scores import top_k
from toto_bench.probing.views import ViewSums, softmax

GOLDEN = Path(__file__).parents[2] / "golden" / "recognition" / "slowfast.json"
CASES = {case["name"]: case for case in json.loads(GOLDEN.read_text())["test_meter"]}
REFUSED = {
    "05_missing_views": "its sum over 29 views is compared with sums over 30: which views fell out would decide",
}
"""Cases that the official code scores and ours does not, with the reason."""


def accuracies(sums, labels):
    """Top-1 and top-5 in per cent."""
    judged = judge(sums, np.asarray(labels), probabilities=True)
    return [100 * float(top_k(judged, k)) for k in (1, 5)]


def meter(case):
    """Items, views, scores of the views in their order, and the label of each item."""
    items, views = np.divmod(np.array(case["clip_ids"]), case["num_clips"])
    labels = np.full(case["num_videos"], -1)
    labels[items] = case["labels"]
    return items, views, np.array(case["preds"], np.float32), labels


@pytest.mark.parametrize("name", sorted(CASES.keys() - REFUSED))
@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_answers_of_the_official_meter(name, batch):
    """In any order of views, with ties (to the lower class), with logits and with probabilities, with padded copies."""
    case = CASES[name]
    items, views, scores, labels = meter(case)
    sums, whole = ViewSums(case["num_clips"]), []
    for first in range(0, len(items), batch):
        part = slice(first, first + batch)
        whole += sums.add(items[part], views[part], scores[part])
    assert sorted(whole) == list(range(case["num_videos"]))
    official = [case["official"]["top1"], case["official"]["top5"]]
    found = accuracies(sums.take(range(case["num_videos"])), labels)
    assert found == pytest.approx(official, abs=1e-4)
    assert [f"{value:.2f}" for value in found] == list(case["official"]["printed"].values())


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_the_official_meter_scores_all_the_same(name):
    """The official numbers are those of the views that came, which ours says and does not report."""
    case = CASES[name]
    items, views, scores, labels = meter(case)
    came = np.zeros((case["num_videos"], case["num_cls"]))
    np.add.at(came, items, scores)
    official = [case["official"]["top1"], case["official"]["top5"]]
    assert accuracies(came, labels) == pytest.approx(official, abs=1e-4)
    sums = ViewSums(case["num_clips"])
    assert sums.add(items, views, scores) == []
    with pytest.raises(ViewError, match="6 of 6 items lack views; item 0 lacks 1 of 30"):
        sums.take(range(case["num_videos"]))


def test_the_official_meter_counts_padded_copies_twice():
    """Which changes its sums, and the numbers only where not all views of an item were copied."""
    case = CASES["07_duplicate_views"]
    items, views, scores, _ = meter(case)
    twice, sums = np.zeros((case["num_videos"], case["num_cls"])), ViewSums(case["num_clips"])
    np.add.at(twice, items, scores)
    sums.add(items, views, scores)
    own = sums.take(range(case["num_videos"]))
    np.testing.assert_allclose(twice[0], 2 * own[0], rtol=1e-12)
    np.testing.assert_allclose(twice[1:], own[1:], rtol=1e-12)
    assert np.bincount(items).tolist() == [60, 30, 30, 30, 30, 30]


@pytest.fixture
def scores():
    """Of 5 items x 4 views x 3 classes."""
    return softmax(np.random.default_rng(0).normal(size=(5, 4, 3)).astype(np.float32))


def flat(order):
    return order // 4, order % 4


def test_any_order_and_any_batch_give_the_sum(scores):
    order = np.random.default_rng(1).permutation(20)
    sums, whole = ViewSums(4), []
    for part in np.array_split(order, 7):
        items, views = flat(part)
        whole += sums.add(items, views, scores[items, views])
    assert sorted(whole) == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(sums.take(range(5)), scores.sum(1), rtol=1e-12)


def test_a_view_that_comes_twice_counts_once(scores):
    sums = ViewSums(4)
    items, views = flat(np.r_[0:20, 0:8])
    sums.add(items, views, scores[items, views])
    np.testing.assert_allclose(sums.take(range(5)), scores.sum(1), rtol=1e-12)
    assert sums.add([0], [2], scores[0, 2:3]) == []


def test_a_missing_view_is_an_error(scores):
    sums = ViewSums(4)
    items, views = flat(np.delete(np.arange(20), [6, 9]))
    sums.add(items, views, scores[items, views])
    with pytest.raises(ViewError, match=r"2 of 5 items lack views; item 1 lacks 1 of 4 \(view 2 first\)"):
        sums.take(range(5))


def test_an_item_without_views_is_an_error():
    with pytest.raises(ViewError, match="item 7 lacks 4 of 4"):
        ViewSums(4).take([7])


def test_a_view_that_cannot_be():
    with pytest.raises(ViewError, match="views 0 to 3, not 4"):
        ViewSums(4).add([0], [4], np.zeros((1, 3)))


def test_many_probes(scores):
    both = np.stack([scores, scores[:, :, ::-1]])
    sums = ViewSums(4)
    items, views = flat(np.arange(20))
    sums.add(items, views, both[:, items, views])
    np.testing.assert_allclose(sums.take(range(5)), both.sum(2), rtol=1e-12)


def test_probabilities_rank_otherwise_than_logits():
    """One sure view and two doubtful ones: the sum of logits follows the sure one, that of probabilities does not."""
    logits = np.array([[20.0, 0.0], [0.0, 2.0], [0.0, 2.0]])
    found = []
    for values in (logits, softmax(logits)):
        sums = ViewSums(3)
        sums.add([0, 0, 0], [0, 1, 2], values)
        found.append(float(top_k(judge(sums.take([0]), np.array([1]), probabilities=True))))
    assert found == [0.0, 1.0]

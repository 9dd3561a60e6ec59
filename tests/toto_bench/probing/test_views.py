"""Views of an item are summed once each, and all of them."""

import numpy as np
import pytest

from toto_bench.probing.errors import ViewError
from toto_bench.probing.judged import judge
from toto_bench.probing.scores import top_k
from toto_bench.probing.views import ViewSums, softmax


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

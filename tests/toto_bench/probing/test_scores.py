"""Top-k with ties to the lower class, classes, confusions, calibration; golden answers of `accuracy()`."""

import json
from pathlib import Path

import numpy as np
import pytest

from toto_bench.probing.judged import joined, judge
from toto_bench.probing.scores import (
    calibration_error,
    class_accuracy,
    confusions,
    mean_over_classes,
    reliability,
    top_k,
)

GOLDEN = Path(__file__).parents[2] / "golden" / "recognition" / "topk_accuracy.json"
CASES = [case for case in json.loads(GOLDEN.read_text())["accuracy"] if "note" not in case]
"""Without the case of equal logits, whose answer depends on the platform."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['logits'])}x{len(case['logits'][0])}")
def test_golden_top_1_and_top_5(case):
    judged = judge(np.array(case["logits"], np.float32), np.array(case["labels"]))
    found = [100 * float(top_k(judged, k)) for k in (1, 5)]
    np.testing.assert_allclose(found, case["official"], rtol=0, atol=1e-12)


def test_ties_go_to_the_lower_class():
    judged = judge(np.zeros((4, 6)), np.array([0, 1, 4, 5]))
    assert judged.rank.tolist() == [0, 1, 4, 5]
    assert judged.predicted.tolist() == [0, 0, 0, 0]
    assert (float(top_k(judged)), float(top_k(judged, 5))) == (0.25, 0.75)
    np.testing.assert_allclose(judged.confidence, 1 / 6)


def test_many_probes_are_judged_at_once_and_batches_are_joined():
    generator = np.random.default_rng(0)
    scores, labels = generator.normal(size=(3, 20, 7)), generator.integers(7, size=20)
    whole = judge(scores, labels)
    parts = joined([judge(scores[:, :12], labels[:12]), judge(scores[:, 12:], labels[12:])])
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one, other)
    for probe in range(3):
        order = np.argsort(-scores[probe], axis=1, kind="stable")
        expected = [(order[:, :k] == labels[:, None]).any(1).mean() for k in (1, 2, 5)]
        assert [float(top_k(whole, k)[probe]) for k in (1, 2, 5)] == expected


def test_nan_is_never_right():
    scores = np.array([[np.nan, 1.0, 2.0], [np.nan, np.nan, np.nan], [5.0, 1.0, 2.0]])
    judged = judge(scores, np.array([2, 0, 0]))
    assert judged.rank.tolist() == [3, 3, 0]
    assert judged.predicted.tolist() == [-1, -1, 0]
    assert np.isnan(calibration_error(judged))
    assert confusions(judged, np.array([2, 0, 0])) == []


def test_classes_and_confusions():
    labels = np.array([0, 0, 0, 1, 1, 3, 3, 3, 3])
    predicted = [0, 1, 1, 1, 3, 3, 1, 1, 0]
    judged = judge(np.eye(5)[predicted], labels, probabilities=True)
    accuracy = class_accuracy(judged, labels, 5)
    np.testing.assert_allclose(accuracy, [1 / 3, 1 / 2, np.nan, 1 / 4, np.nan])
    assert mean_over_classes(accuracy) == pytest.approx((1 / 3 + 1 / 2 + 1 / 4) / 3)
    found = confusions(judged, labels, most=3)
    assert [(pair.label, pair.predicted, pair.items) for pair in found] == [(0, 1, 2), (3, 1, 2), (1, 3, 1)]
    assert found[1].share == 0.5


def test_calibration_error_by_hand():
    """Two bins are in use: 0.95 sure and right in 1 of 2, 0.55 sure and right in 2 of 2."""
    scores = np.array([[0.95, 0.05], [0.95, 0.05], [0.55, 0.45], [0.45, 0.55]])
    judged = judge(scores, np.array([0, 1, 0, 1]), probabilities=True)
    np.testing.assert_allclose(judged.confidence, [0.95, 0.95, 0.55, 0.55])
    assert calibration_error(judged) == pytest.approx((0.45 * 2 + 0.45 * 2) / 4)
    assert sum(part.items for part in reliability(judged)) == 4


def test_a_bin_holds_its_upper_edge():
    judged = judge(
        np.array([[0.2, 0.2, 0.2, 0.2, 0.2], [1.0, 0, 0, 0, 0]]), np.array([0, 0]), probabilities=True
    )
    filled = [(part.low, part.high) for part in reliability(judged, 5) if part.items]
    assert filled == [(0.0, 0.2), (0.8, 1.0)]


def test_confidence_of_logits_is_their_softmax():
    logits = np.array([[1.0, 2.0, 0.5]], np.float32)
    [confidence] = judge(logits, np.array([1])).confidence
    assert confidence == pytest.approx(np.exp(2) / np.exp([1, 2, 0.5]).sum())

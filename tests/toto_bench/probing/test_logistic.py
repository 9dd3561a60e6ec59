"""Logistic regression, its strength chosen on items held out."""

import numpy as np
import pytest

from toto_bench.probing.errors import ProbeError
from toto_bench.probing.judged import judge
from toto_bench.probing.logistic import fit_logistic
from toto_bench.probing.scores import top_k


def clusters(items, classes, *, noise, seed, width=20):
    """Centres do not depend on the seed; channels have scales of their own."""
    centres = np.random.default_rng(99).normal(size=(classes, width))
    generator = np.random.default_rng(seed)
    labels = np.arange(items) % classes
    features = centres[labels] + noise * generator.normal(size=(items, width))
    return (features * np.logspace(-3, 3, width)).astype(np.float32), labels


def test_it_learns_and_does_not_depend_on_scales():
    train, labels = clusters(120, 4, noise=0.7, seed=0)
    test, truth = clusters(200, 4, noise=0.7, seed=1)
    fitted = fit_logistic(train, labels, 4)
    scores = fitted.scores(test)
    np.testing.assert_allclose(scores.sum(1), 1)
    assert float(top_k(judge(scores, truth, probabilities=True))) > 0.95
    assert fitted.converged
    np.testing.assert_array_equal(scores, fit_logistic(train, labels, 4).scores(test))


def test_noisy_features_are_held_tighter():
    """Few noisy items in many dimensions: the strength that fits them exactly is not the one that is chosen."""
    easy = fit_logistic(*clusters(200, 2, noise=0.1, seed=0), 2)
    noisy = fit_logistic(*clusters(60, 2, noise=6.0, seed=0), 2)
    assert easy.held_out == 1.0
    assert noisy.held_out < 1.0
    assert easy.strength <= 1.0  # the smallest of equally good ones


def test_classes_without_training_items_have_no_share():
    train, labels = clusters(60, 3, noise=0.5, seed=0)
    fitted = fit_logistic(train, labels * 2, 6)
    scores = fitted.scores(train)
    assert scores.shape == (60, 6)
    assert (scores[:, [1, 3, 5]] == 0).all()
    assert float(top_k(judge(scores, labels * 2, probabilities=True))) > 0.9


@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [0, 1, 2, 3]])
def test_too_little_to_choose_from(labels):
    with pytest.raises(ProbeError, match="at least two classes"):
        fit_logistic(np.eye(4), np.array(labels), 4)


def test_nan_is_refused():
    with pytest.raises(ProbeError, match="finite features"):
        fit_logistic(np.full((4, 2), np.nan), np.array([0, 0, 1, 1]), 2)

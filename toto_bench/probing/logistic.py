"""Logistic regression for small sets (scikit-learn): no learning rate, its strength chosen on held-out items."""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from toto_bench.probing.errors import ProbeError
from toto_bench.probing.selection import held_out_items

STRENGTHS = tuple(10.0**power for power in range(-6, 6))
"""C, of which a larger one regularises less: the range that DINOv2's eval/log_regression.py searches, in decades."""
HELD_OUT = 0.2
"""Share of the training items of each class that chooses C (our choice)."""
_ITERATIONS = 1000
"""DINOv2 eval/log_regression.py."""


class Fitted(NamedTuple):
    """A classifier and how it came to be."""

    model: Pipeline
    """Standardisation and logistic regression, fitted on all training items."""
    strength: float
    """C."""
    held_out: float
    """Accuracy on the held-out items with it."""
    converged: bool
    """Whether the solver stopped before its last iteration."""
    classes: int
    """Of the task."""

    def scores(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """Probabilities [M, classes]; zero for classes without training items."""
        found = np.zeros((len(features), self.classes))
        found[:, self.model.classes_] = self.model.predict_proba(features)
        return found


def fit_logistic(
    features: NDArray[np.floating],
    labels: NDArray[np.integer],
    classes: int,
    *,
    strengths: Sequence[float] = STRENGTHS,
    seed: int = 0,
) -> Fitted:
    """Choose C on a fifth of each class (the smallest of equally good ones), then fit on all items.

    Features are standardised by the items that are fitted. L-BFGS, L2 penalty, 1,000 iterations.

    Args:
        features: [N, D].
        labels: [N] in 0..classes-1.
        classes: of the task.
        strengths: values of C.
        seed: of the held-out items.

    Raises:
        ProbeError: fewer than two classes have items, none has two, or a feature is NaN.
    """
    held = held_out_items(labels, HELD_OUT, seed)
    if len(np.unique(labels)) < 2 or not held.any() or not np.isfinite(features).all():
        raise ProbeError(
            "A logistic regression needs finite features of at least two classes, and two items in one of them."
        )
    scores = [
        float(_fit(features[~held], labels[~held], strength)[0].score(features[held], labels[held]))
        for strength in sorted(strengths)
    ]
    chosen = int(np.argmax(scores))
    strength = sorted(strengths)[chosen]
    model, converged = _fit(features, labels, strength)
    return Fitted(model, strength, scores[chosen], converged, classes)


def _fit(
    features: NDArray[np.floating], labels: NDArray[np.integer], strength: float
) -> tuple[Pipeline, bool]:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=_ITERATIONS))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(features.astype(np.float64), labels)
    return model, not any(issubclass(warning.category, ConvergenceWarning) for warning in told)

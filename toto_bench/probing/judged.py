"""What is kept of an item's scores: the rank of its label, the class with the highest score, and how sure it was.

Top-k accuracy, confusion and calibration follow from these three, so that thousands of scores need not be kept.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Judged(NamedTuple):
    """Of N items, or [P, N] of P probes."""

    rank: NDArray[np.int32]
    """Classes that stand before the label: higher scores, and equal ones of lower classes; C where a score is NaN."""
    predicted: NDArray[np.int32]
    """Class of the highest score, the lowest of several; -1 where a score is NaN."""
    confidence: NDArray[np.float64]
    """Highest score as a share of all: the softmax of logits, or of summed probabilities their share."""


def judge(
    scores: NDArray[np.floating], labels: NDArray[np.integer], *, probabilities: bool = False
) -> Judged:
    """Rank, prediction and confidence of each row of scores.

    Args:
        scores: [..., N, C] logits, or probabilities (also sums of them over views).
        labels: [N] in 0..C-1.
        probabilities: whether scores are such; confidence is then their share, not their softmax.
    """
    own = np.take_along_axis(scores, np.broadcast_to(labels, scores.shape[:-1])[..., None], -1)
    lower = np.arange(scores.shape[-1]) < labels[:, None]
    rank = (scores > own).sum(-1) + ((scores == own) & lower).sum(-1)
    wrong = np.isnan(scores).any(-1)
    predicted = np.where(wrong, -1, scores.argmax(-1))
    rank = np.where(wrong, scores.shape[-1], rank)
    return Judged(rank.astype(np.int32), predicted.astype(np.int32), _confidence(scores, probabilities))


def _confidence(scores: NDArray[np.floating], probabilities: bool) -> NDArray[np.float64]:
    top = scores.max(-1, keepdims=True)
    if probabilities:
        return np.asarray(top[..., 0] / scores.sum(-1, dtype=np.float64), np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(1 / np.exp((scores - top).astype(np.float64)).sum(-1))


def joined(parts: list[Judged]) -> Judged:
    """Items of several batches, one after the other."""
    return Judged(*(np.concatenate(arrays, -1) for arrays in zip(*parts, strict=True)))

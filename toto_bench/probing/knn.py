"""Classification by weighted nearest neighbours, as DINO (eval_knn.py) and DINOv2 (eval/knn.py) do it."""

from collections.abc import Iterator, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from toto_bench.probing.errors import ProbeError

NEIGHBOURS = (10, 20, 100, 200)
"""Numbers of neighbours that both report."""
TEMPERATURE = 0.07
"""Of the weights exp(similarity / T)."""
_SCORES = 2**25
"""Similarities in memory at once."""
Rule = Literal["dino", "dinov2"]
"""DINO counts as top-5 the first min(5, k) classes, DINOv2 always five. Their votes rank classes alike."""


def knn_votes(
    train: Tensor,
    labels: Tensor,
    test: Tensor,
    classes: int,
    *,
    neighbours: Sequence[int] = NEIGHBOURS,
    temperature: float = TEMPERATURE,
) -> dict[int, Tensor]:
    """Votes of the k nearest training items for each class: float64 [M, classes] for each k.

    Features are normalised here. Of equal similarities the earlier training item is nearer; rank classes of equal
    votes (many have none) by lower class. Works for any number of test items; memory does not grow with N * M.

    Args:
        train: [N, D].
        labels: int64 [N].
        test: [M, D].
        classes: of the task.
        neighbours: numbers k.
        temperature: of the weights.

    Raises:
        ProbeError: a k is larger than the training set, or the features are not finite.
    """
    _check(train, test, neighbours)
    train, test = F.normalize(train, dim=1), F.normalize(test, dim=1)
    found: dict[int, list[Tensor]] = {k: [] for k in neighbours}
    for rows in torch.split(test, max(_SCORES // len(train), 1)):
        similar, nearest = _nearest(rows @ train.T, max(neighbours))
        # Below the highest of a row, so that no weight is infinite: a factor for all of its votes.
        weights = ((similar - similar[:, :1]).double() / temperature).exp()
        for k in neighbours:
            votes = weights.new_zeros(len(rows), classes)
            found[k].append(votes.scatter_add_(1, labels[nearest[:, :k]], weights[:, :k]))
    return {k: torch.cat(parts) for k, parts in found.items()}


def counted(k: int, rule: Rule, top: int = 5) -> int:
    """How many classes count as the top ones: DINO ranks no more classes than there are neighbours."""
    return min(top, k) if rule == "dino" else top


def _nearest(similar: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """The highest of each row, falling, equal ones by their place."""
    values, places = similar.topk(most, 1)
    last = values[:, -1:]
    if bool(((similar >= last).sum(1) > most).any()) or bool((values[:, 1:] == values[:, :-1]).any()):
        values, places = similar.sort(dim=1, descending=True, stable=True)
    return values[:, :most], places[:, :most]


def _check(train: Tensor, test: Tensor, neighbours: Sequence[int]) -> None:
    if max(neighbours) > len(train):
        raise ProbeError(
            f"{max(neighbours)} nearest neighbours were asked for, of {len(train)} training items: choose fewer."
        )
    for name, features in (("training", train), ("test", test)):
        if not bool(features.isfinite().all()):
            raise ProbeError(
                f"The {name} features hold NaN or infinite values: the backbone's output is broken."
            )


def usable(neighbours: Sequence[int], items: int) -> Iterator[int]:
    """Those numbers of neighbours that a training set of so many items has."""
    return (k for k in neighbours if k <= items)

"""Which of several layers is reported: the best, said so, and the one that the other episodes choose."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.results.record import BEST_ON_VAL
from toto_bench.robots.learning import Round

ByLayer = Mapping[int, Sequence[Round]]
"""Rounds of each layer's policy."""


class HeldOut(NamedTuple):
    """Each episode at the layer that is best on all the others."""

    success: NDArray[np.float64]
    """At the last evaluation, [E]."""
    mean: NDArray[np.float64]
    """Mean over all evaluations, [E]."""


def best_layer(by_layer: ByLayer) -> int:
    """The layer of most successes at the last evaluation; of equal ones that of the larger mean, then the lower."""
    last, mean = _tables(by_layer)
    return list(by_layer)[_best(last, mean)]


def selection_of(by_layer: ByLayer) -> str | None:
    """How the layer was chosen; None where there was no choice."""
    if len(by_layer) == 1:
        return None
    return f"{BEST_ON_VAL}: layer {best_layer(by_layer)} of {len(by_layer)} read"


def leave_one_episode_out(by_layer: ByLayer) -> HeldOut | None:
    """What each episode is at the layer that the other episodes choose; None where there is no choice, or no other."""
    last, mean = _tables(by_layer)
    count = last.shape[1]
    if len(by_layer) == 1 or count < 2:
        return None
    chosen = [_best(np.delete(last, place, 1), np.delete(mean, place, 1)) for place in range(count)]
    return HeldOut(last[chosen, range(count)], mean[chosen, range(count)])


def over_evaluations(rounds: Sequence[Round]) -> NDArray[np.float64]:
    """Of each episode, the mean over all evaluations, which have the same episodes: [E]."""
    return np.asarray(_successes(rounds).mean(0))


def _successes(rounds: Sequence[Round]) -> NDArray[np.float64]:
    """Of each evaluation and episode, [R, E]."""
    return np.array(
        [[episode.success for episode in each.episodes] for each in rounds if each.episodes], np.float64
    )


def _tables(by_layer: ByLayer) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    tables = [_successes(rounds) for rounds in by_layer.values()]
    return np.array([table[-1] for table in tables]), np.array([table.mean(0) for table in tables])


def _best(last: NDArray[np.float64], mean: NDArray[np.float64]) -> int:
    means = mean.mean(1).round(12)  # sums in another order would else decide between equal layers
    return max(range(len(last)), key=lambda place: (last[place].sum(), means[place], -place))

"""Metrics and items of a run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.results.intervals import WILSON, wilson
from toto_bench.results.record import Metric
from toto_bench.results.statistics import bootstrap_mean, describe_bootstrap
from toto_bench.robots.episodes import Episode
from toto_bench.robots.learning import steps_to
from toto_bench.tasks.manipulation.layers import (
    ByLayer,
    best_layer,
    leave_one_episode_out,
    over_evaluations,
    selection_of,
)

SHARES = {"steps_to_half": 0.5, "steps_to_80": 0.8}
"""Metrics that say how soon a share of the episodes succeeds."""
HELD_OUT = "held-out"
"""Suffix of metrics whose layer was chosen on other episodes."""
Rows = list[dict[str, Any]]


def episode_id(number: int) -> str:
    """Name of an evaluation episode."""
    return f"episode-{number:04d}"


def success_metric(episodes: Sequence[Episode], selection: str | None = None) -> Metric:
    """Share of successes with its Wilson interval."""
    return _share(np.array([episode.success for episode in episodes], np.float64), selection)


def metrics_of(
    by_layer: ByLayer,
    others: Mapping[str, Sequence[Episode]],
    *,
    seed: int,
) -> dict[str, Metric]:
    """Those of the best layer's policy, and of others as `success@NAME`.

    With several layers the best is labelled best on val; beside it stands each episode at the layer chosen on the
    other episodes.

    Args:
        by_layer: rounds of each layer's policy.
        others: last episodes of the state's policy, ceiling and floors.
        seed: of the bootstrap.
    """
    best, selection = by_layer[best_layer(by_layer)], selection_of(by_layer)
    found = {"success": success_metric(best[-1].episodes, selection)}
    held_out = leave_one_episode_out(by_layer)
    how = "layer chosen on the other episodes"
    if held_out is not None:
        found[f"success@{HELD_OUT}"] = _share(held_out.success, how)
    found |= {f"success@{name}": success_metric(episodes) for name, episodes in others.items()}
    found["success_mean"] = _mean(over_evaluations(best), seed, selection)
    if held_out is not None:
        found[f"success_mean@{HELD_OUT}"] = _mean(held_out.mean, seed, how)
    for name, share in SHARES.items():
        reached = steps_to(best, share)
        found[name] = Metric(
            value=None if reached is None else float(reached),
            n=len(best[-1].episodes),
            method="no interval: one training",
            selection=selection,
        )
    return found


def _share(successes: NDArray[np.float64], selection: str | None) -> Metric:
    wins, count = int(successes.sum()), len(successes)
    low, high = wilson(wins, count)
    return Metric(value=wins / count, low=low, high=high, n=count, method=WILSON, selection=selection)


def _mean(values: NDArray[np.float64], seed: int, selection: str | None) -> Metric:
    """The episodes are the same ones at every evaluation, so each brings its mean over evaluations."""
    interval = bootstrap_mean(values, np.arange(len(values)), seed=seed)
    known = not np.isnan(interval.low)
    return Metric(
        value=float(values.mean()),
        low=interval.low if known else None,
        high=interval.high if known else None,
        n=len(values),
        method=describe_bootstrap("episodes") if known else "no interval: fewer than 5 episodes",
        selection=selection,
    )


def items_of(episodes: Sequence[Episode], layer: int | None = None) -> Rows:
    """One row for each episode of the last evaluation; the layer where there are several."""
    return [
        {
            **({} if layer is None else {"layer": layer}),
            "episode": episode_id(number),
            "success": episode.success,
            "steps": episode.steps,
            "ending": episode.ending,
            **dict(zip(("start_x", "start_y", "start_z"), episode.start, strict=True)),
        }
        for number, episode in enumerate(episodes)
    ]

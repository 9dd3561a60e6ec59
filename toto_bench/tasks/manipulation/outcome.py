"""Metrics, items and curves of a run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from toto_bench.results.intervals import WILSON, wilson
from toto_bench.results.record import Metric
from toto_bench.results.statistics import bootstrap_mean, describe_bootstrap
from toto_bench.robots.learning import Round, mean_success, steps_to
from toto_bench.robots.learning.evaluate import Episode

HALF = 0.5
Rows = list[dict[str, Any]]


def episode_id(number: int) -> str:
    """Name of an evaluation episode."""
    return f"episode-{number:04d}"


def success_metric(episodes: Sequence[Episode]) -> Metric:
    """Share of successes with its Wilson interval."""
    wins, count = sum(episode.success for episode in episodes), len(episodes)
    low, high = wilson(wins, count)
    return Metric(value=wins / count, low=low, high=high, n=count, method=WILSON)


def metrics_of(
    rounds: Mapping[str, Sequence[Round]],
    references: Mapping[str, Sequence[Episode]],
    *,
    main: str,
    seed: int,
) -> dict[str, Metric]:
    """All metrics: of the main learner plain, of the others and the references as `success@NAME`."""
    ours = rounds[main]
    found = {"success": success_metric(ours[-1].episodes)}
    for name, theirs in rounds.items():
        if name != main:
            found[f"success@{name}"] = success_metric(theirs[-1].episodes)
    found |= {f"success@{name}": success_metric(episodes) for name, episodes in references.items()}
    count = len(ours[-1].episodes)
    found["success_mean"] = _mean(ours, seed)
    reached = steps_to(ours, HALF)
    found["steps_to_half"] = Metric(
        value=None if reached is None else float(reached), n=count, method="no interval: one training"
    )
    return found


def _mean(rounds: Sequence[Round], seed: int) -> Metric:
    """The episodes are the same ones at every evaluation, so each brings its mean over evaluations."""
    table = np.array(
        [[episode.success for episode in each.episodes] for each in rounds if each.episodes], np.float64
    )
    values = table.mean(0)
    interval = bootstrap_mean(values, np.arange(len(values)), seed=seed)
    known = not np.isnan(interval.low)
    return Metric(
        value=mean_success(rounds),
        low=interval.low if known else None,
        high=interval.high if known else None,
        n=len(values),
        method=describe_bootstrap("episodes") if known else "no interval: fewer than 5 episodes",
    )


def items_of(episodes: Sequence[Episode]) -> Rows:
    """One row for each episode of the last evaluation."""
    return [
        {
            "episode": episode_id(episode.number),
            "success": episode.success,
            "steps": episode.steps,
            "ending": episode.ending,
            **dict(zip(("start_x", "start_y", "start_z"), episode.start, strict=True)),
        }
        for episode in episodes
    ]


def curve_of(rounds: Sequence[Round]) -> Rows:
    """Success over environment steps, and the error of each policy on frames that it had not seen."""
    rows = []
    for each in rounds:
        count = len(each.episodes)
        low, high = wilson(each.successes, count) if count else (None, None)
        rows.append(
            {
                "iteration": each.number + 1,
                "steps": each.steps,
                "success": each.success if count else None,
                "low": low,
                "high": high,
                "episodes": count,
                "error_on_new_frames": each.error,
            }
        )
    return rows


def reference_rows(references: Mapping[str, Sequence[Episode]]) -> Rows:
    """Success of ceiling and floors."""
    rows = []
    for name, episodes in references.items():
        metric = success_metric(episodes)
        rows.append(
            {
                "actor": name,
                "success": metric.value,
                "low": metric.low,
                "high": metric.high,
                "episodes": metric.n,
            }
        )
    return rows

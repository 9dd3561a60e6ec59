"""From objects to numbers: global scores, intervals, the choice of a layer, curves."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.results.record import BEST_ON_VAL, Metric
from toto_bench.results.statistics import Interval, bootstrap_mean, describe_bootstrap
from toto_bench.tasks.davis.scoring import SequenceScore

Scores = Mapping[str, SequenceScore]
"""Scores of every sequence of one layer, in the order of the list."""

METRICS = ("j_and_f", "j", "j_recall", "j_decay", "f", "f_recall", "f_decay")
NO_INTERVAL = "no interval: fewer than 5 videos, or no value"
HELD_OUT = "held-out"
"""Suffix of metrics whose layer was chosen on other videos."""


def object_values(scores: Scores, metric: str) -> NDArray[np.float64]:
    """The metric of every object, [N]; J&F of an object is the mean of its J and F."""
    if metric == "j_and_f":
        both = object_values(scores, "j"), object_values(scores, "f")
        return np.asarray((both[0] + both[1]) / 2)
    measure, _, statistic = metric.partition("_")
    statistic = statistic or "mean"
    return np.array([o[measure][statistic] for s in scores.values() for o in s.objects.values()], dtype=float)


def global_value(scores: Scores, metric: str) -> float:
    """Mean over all objects of all sequences, as davis2017-evaluation prints it (J&F: mean of the two means)."""
    if metric == "j_and_f":
        return (global_value(scores, "j") + global_value(scores, "f")) / 2
    return float(np.mean(object_values(scores, metric)))


def metrics_of(scores: Scores, *, seed: int, selection: str | None = None) -> dict[str, Metric]:
    """All metrics with their intervals, the video being what is drawn."""
    units = np.repeat(np.arange(len(scores)), [len(score.objects) for score in scores.values()])
    found = {}
    for name in METRICS:
        value = global_value(scores, name)
        interval = bootstrap_mean(object_values(scores, name), units, seed=seed)
        if np.isnan(value):
            interval = Interval(value, value)
        known = not np.isnan(interval.low)
        found[name] = Metric(
            value=_or_none(value),
            low=_or_none(interval.low),
            high=_or_none(interval.high),
            n=len(units),
            method=describe_bootstrap("videos") if known else NO_INTERVAL,
            selection=selection,
        )
    return found


def metrics_over_layers(by_layer: Mapping[int, Scores], *, seed: int) -> dict[str, Metric]:
    """Those of the best layer, labelled best on val; beside them, each video at the layer chosen on the others."""
    best = best_layer(by_layer)
    if len(by_layer) == 1:
        return metrics_of(by_layer[best], seed=seed)
    selection = f"{BEST_ON_VAL}: layer {best} of {len(by_layer)} read"
    metrics = metrics_of(by_layer[best], seed=seed, selection=selection)
    if held_out := leave_one_video_out(by_layer):
        chosen = metrics_of(held_out, seed=seed, selection="layer chosen on the other videos")
        metrics |= {f"{name}@{HELD_OUT}": metric for name, metric in chosen.items()}
    return metrics


def best_layer(by_layer: Mapping[int, Scores]) -> int:
    """The layer of highest J&F; the lowest of equal ones."""
    return max(by_layer, key=lambda layer: (global_value(by_layer[layer], "j_and_f"), -layer))


def leave_one_video_out(by_layer: Mapping[int, Scores]) -> dict[str, SequenceScore] | None:
    """Each video at the layer that is best on all the others; None where there is only one video."""
    names = list(next(iter(by_layer.values())))
    if len(names) < 2:
        return None
    chosen = {}
    for name in names:
        others = {
            layer: {other: score for other, score in scores.items() if other != name}
            for layer, scores in by_layer.items()
        }
        chosen[name] = by_layer[best_layer(others)][name]
    return chosen


def layer_curve(by_layer: Mapping[int, Scores]) -> list[dict[str, Any]]:
    """J&F, J and F of every layer."""
    return [
        {"layer": layer, **{name: global_value(scores, name) for name in ("j_and_f", "j", "f")}}
        for layer, scores in by_layer.items()
    ]


def frame_curve(scores: Scores) -> list[dict[str, Any]]:
    """J&F, J and F against frames since the first; over the objects whose video is long enough."""
    rows = []
    for frame in range(1, max(score.frames for score in scores.values()) - 1):
        alive = [o for s in scores.values() if frame < s.frames - 1 for o in s.objects.values()]
        j, f = (float(np.mean([o[m]["per_frame"][frame - 1] for o in alive])) for m in ("j", "f"))
        rows.append({"frame": frame, "j_and_f": (j + f) / 2, "j": j, "f": f, "objects": len(alive)})
    return rows


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value

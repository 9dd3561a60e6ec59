"""How far a cloned policy's actions are from those of demonstrations that it did not learn from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from toto_bench.results.record import Metric
from toto_bench.results.statistics import bootstrap_mean, describe_bootstrap
from toto_bench.robots.learning.demonstrations import Demonstrations
from toto_bench.robots.policy import Policy
from toto_bench.tasks.cube_pick.cloning import squared_errors

Rows = list[dict[str, Any]]
SMALLEST = 1e-3
"""A number of an action that varies by less counts as varying by this (rad, or of the scaled opening)."""


def relative_errors(
    policy: Policy, train: Sequence[Demonstrations], held_out: Sequence[Demonstrations]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Of each held-out episode the squared error over that of always taking the mean action: float64 [E, A].

    The mean is that of the frames that were learnt from, and the spread that it is divided by that of all held-out
    frames.
    """
    mean = torch.cat([part.actions for part in train]).double().mean(0)
    every = torch.cat([part.actions for part in held_out]).double()
    spread = ((every - mean) ** 2).mean(0).clamp(min=SMALLEST**2)
    return np.stack([(squared_errors(policy, part).mean(0) / spread).numpy() for part in held_out])


def error_metric(errors: np.ndarray[Any, np.dtype[np.float64]], frames: Sequence[int], seed: int) -> Metric:
    """The mean over frames and numbers of an action, its interval over episodes."""
    values = errors.mean(1)
    interval = bootstrap_mean(values, np.arange(len(values)), seed=seed)
    known = not np.isnan(interval.low)
    return Metric(
        value=float(np.average(values, weights=frames)),
        low=interval.low if known else None,
        high=interval.high if known else None,
        n=len(values),
        method=describe_bootstrap("demonstrations") if known else "no interval: fewer than 5 demonstrations",
    )


def untried() -> Metric:
    """A number that only trials give."""
    return Metric(value=None, n=0, method="no trials yet: `toto-bench robot run` makes them")


def error_rows(
    names: Sequence[str], errors: np.ndarray[Any, np.dtype[np.float64]], frames: Sequence[int]
) -> Rows:
    """The error of each number of an action."""
    means = np.average(errors, axis=0, weights=frames)
    return [{"number": name, "error": float(value)} for name, value in zip(names, means, strict=True)]


def item_rows(
    names: Sequence[str], errors: np.ndarray[Any, np.dtype[np.float64]], frames: Sequence[int]
) -> Rows:
    """One row for each held-out demonstration."""
    return [
        {"demonstration": name, "frames": count, "error": float(row.mean())}
        for name, count, row in zip(names, frames, errors, strict=True)
    ]

"""Makes a plan from a seed."""

from typing import Literal

import numpy as np

from toto_bench.deploy.errors import PlanError
from toto_bench.deploy.trials.plan import (
    ORDER,
    POSES,
    PlannedTrial,
    Region,
    StartPose,
    TrialPlan,
    first_problem,
)


def make_plan(
    task: str,
    backbones: tuple[str, ...],
    *,
    count: int = 16,
    seed: int = 0,
    region: Region | None = None,
    aborted: Literal["failure", "exclude"] = "failure",
) -> TrialPlan:
    """A plan in which backbones take turns at each start pose, none of them first more often than others.

    Start poses follow from seed, count and region alone, and the first of many are those of few.

    Args:
        task: name of the benchmark.
        backbones: whose policies are tried.
        count: start poses, hence trials of each backbone.
        seed: of poses and order.
        region: where the object may lie.
        aborted: what aborted trials count as.

    Raises:
        PlanError: it cannot be made of these.
    """
    region = region or Region()
    low, high = np.array([region.x, region.y, region.yaw]).T
    try:
        rows = np.random.default_rng([seed, POSES]).uniform(low, high, size=(count, 3))
        poses = tuple(
            StartPose(number=number, x=x, y=y, yaw=yaw) for number, (x, y, yaw) in enumerate(rows.tolist(), 1)
        )
        trials = tuple(
            PlannedTrial(number=number, pose=pose, backbone=backbone)
            for number, (pose, backbone) in enumerate(_turns(backbones, count, seed), 1)
        )
        return TrialPlan(
            task=task,
            backbones=backbones,
            seed=seed,
            region=region,
            poses=poses,
            trials=trials,
            aborted=aborted,
        )
    except ValueError as error:
        raise PlanError(f"There is no such plan of trials: {first_problem(error)}.") from error


def _turns(backbones: tuple[str, ...], count: int, seed: int) -> list[tuple[int, str]]:
    """At every pose the backbones in a rotation of one random order; the rotations are dealt evenly, then shuffled."""
    if not backbones:
        return []
    rng = np.random.default_rng([seed, ORDER])
    order = [backbones[index] for index in rng.permutation(len(backbones))]
    shifts = rng.permutation(np.arange(count) % len(order)).tolist()
    return [
        (pose, backbone)
        for pose, shift in enumerate(shifts, 1)
        for backbone in [*order[shift:], *order[:shift]]
    ]

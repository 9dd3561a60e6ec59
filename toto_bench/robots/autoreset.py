"""What a step hands over where an episode ends in it, by gymnasium's modes of starting anew."""

from typing import Any

import numpy as np

from toto_bench.robots.errors import ResetNeededError
from toto_bench.robots.generators import Mask
from toto_bench.robots.observing import Observation
from toto_bench.robots.tasks import StepResult
from toto_bench.robots.tasks.base import CONTACT, DROPPED, RUNNING, TIME, UNSTABLE

Info = dict[str, Any]
ENDINGS = (RUNNING, TIME, DROPPED, CONTACT, UNSTABLE)
"""Why an episode ended: infos hold numbers of these, because gymnasium's wrappers convert no text."""


def expect_running(waiting: Mask) -> None:
    """Refuse to step environments that wait for a reset.

    Raises:
        ResetNeededError: names the first of them.
    """
    if waiting.any():
        raise ResetNeededError(
            f"Environment {int(np.flatnonzero(waiting)[0])} has to be reset before it is stepped: call `reset` "
            "(with `options={'reset_mask': ...}` for some of them)."
        )


def info_of(result: StepResult, waiting: Mask) -> Info:
    """Successes and numbers of endings, with gymnasium's masks: nothing is said of those that were only reset."""
    return {
        "success": result.success,
        "_success": ~waiting,
        "ending": np.array([ENDINGS.index(ending) for ending in result.ending], dtype=np.int64),
        "_ending": ~waiting,
    }


def final_info(done: Mask, last: Observation, info: Info) -> Info:
    """The last observations and infos of episodes that ended, for environments that start anew in the same step."""
    observations = np.full(len(done), None, dtype=object)
    for index in np.flatnonzero(done):
        observations[index] = {name: value[index].copy() for name, value in last.items()}
    ended = {name: value.copy() for name, value in info.items()}
    ended["_success"], ended["_ending"] = done.copy(), done.copy()
    return {
        "final_obs": observations,
        "_final_obs": done.copy(),
        "final_info": ended,
        "_final_info": done.copy(),
    }


def blank(result: StepResult, waiting: Mask) -> StepResult:
    """The step of environments that were only reset in it: no reward, no end."""
    return StepResult(
        np.where(waiting, 0.0, result.reward),
        result.success & ~waiting,
        result.terminated & ~waiting,
        result.truncated & ~waiting,
        np.where(waiting, "", result.ending),
    )

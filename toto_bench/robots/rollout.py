"""Whole episodes of a policy, an expert or anyone else in simulation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import RequestError
from toto_bench.robots.acting import Actor, actor_of
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.episodes import Episode, Episodes, Watching
from toto_bench.robots.experts import Expert
from toto_bench.robots.policy import Policy
from toto_bench.robots.rollout_video import EpisodeVideos

__all__ = ["Episode", "Rollout", "rollout", "seeds_of"]


@dataclass(frozen=True)
class Rollout:
    """Episodes in the order of their seeds."""

    episodes: tuple[Episode, ...]

    @property
    def successes(self) -> NDArray[np.bool_]:
        """Which succeeded, bool [E]."""
        return np.array([episode.success for episode in self.episodes])

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Control steps, int64 [E]."""
        return np.array([episode.steps for episode in self.episodes])

    @property
    def returns(self) -> NDArray[np.float64]:
        """Sums of rewards, float64 [E]."""
        return np.array([episode.total_reward for episode in self.episodes])

    @property
    def success_rate(self) -> float:
        """Share of the episodes that succeeded."""
        return float(self.successes.mean())


def rollout(
    actor: Policy | Expert | Actor,
    env: MujocoVectorEnv,
    episodes: int,
    *,
    seeds: int | Sequence[int] = 0,
    stop_at_success: bool = False,
    videos: EpisodeVideos | None = None,
    finished: Callable[[Episode], None] | None = None,
) -> Rollout:
    """Run episodes; each depends on its seed and the actor alone, not on how many run together.

    An environment whose episode ended starts the next one at once. A policy that plans several actions is asked again
    when all of them are done.

    Args:
        actor: a policy, an expert that was made for this environment's task, or anyone else who acts.
        env: of the autoreset mode `Disabled`; with pictures if the policy has a camera.
        episodes: how many.
        seeds: of the first episode, the next ones counting up; or one of each.
        stop_at_success: end an episode with its success; returns and lengths are then those until there.
        videos: films chosen episodes.
        finished: told of each episode as it ends, in the order of their ends.

    Raises:
        RequestError: another autoreset mode, another number of seeds, or a policy for another task.
        ActionError: the actions are not finite, or have another shape.
    """
    watching = Watching(stop_at_success, videos, finished)
    return Rollout(Episodes(actor_of(actor, env), env, seeds_of(seeds, episodes), watching).run())


def seeds_of(seeds: int | Sequence[int], episodes: int) -> list[int]:
    """The seed of each episode, counted up from a first one if one number is given.

    Raises:
        RequestError: no episode, or another number of seeds.
    """
    if episodes < 1:
        raise RequestError(f"There has to be an episode, not {episodes}.")
    each = (
        [seeds + number for number in range(episodes)] if isinstance(seeds, int) else [int(s) for s in seeds]
    )
    if len(each) != episodes:
        raise RequestError(
            f"There are {len(each)} seeds for {episodes} episodes: give one of each, or the first."
        )
    return each

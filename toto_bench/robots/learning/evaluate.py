"""Evaluations: episodes whose starts are the same for all policies, on what a policy senses."""

from collections.abc import Callable

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from toto_bench.robots.acting import Actor, Batch
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.episodes import Episode
from toto_bench.robots.experts import Expert
from toto_bench.robots.learning.collect import Act
from toto_bench.robots.learning.senses import Senses
from toto_bench.robots.policy import Policy
from toto_bench.robots.rollout import rollout
from toto_bench.robots.rollout_video import EpisodeVideos
from toto_bench.robots.tasks import ManipulationTask

EVALUATION = 7_919
"""Part of the seed of every evaluation episode: none starts as an episode of training does."""


class SensingActor:
    """A policy that is asked for what it senses of the simulation, so that features can be kept."""

    def __init__(self, senses: Senses, act: Act) -> None:
        """Put the parts together.

        Args:
            senses: of the environments' task.
            act: the policy.
        """
        self._senses, self._act = senses, act

    def restart(self, index: int, seed: int) -> None:
        """Nothing: the policy remembers nothing."""

    def act(self, observation: Batch, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """The policy's actions for these environments: [n, A]."""
        del observation
        return self._act(self._senses(ids))


def evaluation_seeds(count: int) -> list[int]:
    """Seeds of the first evaluation episodes, for `rollout`: those of every run and every backbone."""
    return [EVALUATION + (number << 32) for number in range(count)]


def evaluate(
    task: ManipulationTask,
    actor: Policy | Expert | Actor,
    episodes: int,
    *,
    videos: EpisodeVideos | None = None,
    finished: Callable[[Episode], None] | None = None,
) -> tuple[Episode, ...]:
    """Run the first evaluation episodes, each up to its success or another end.

    Args:
        task: the environments, which are reset.
        actor: a policy that reads no picture, an expert, or anyone else who acts.
        episodes: how many.
        videos: films chosen episodes.
        finished: told of each episode as it ends.

    Raises:
        ActionError: the actions are not finite, or have another shape.
    """
    env = MujocoVectorEnv(task, images=False, autoreset_mode=AutoresetMode.DISABLED)
    return rollout(
        actor,
        env,
        episodes,
        seeds=evaluation_seeds(episodes),
        stop_at_success=True,
        videos=videos,
        finished=finished,
    ).episodes

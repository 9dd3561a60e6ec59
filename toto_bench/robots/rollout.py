"""Whole episodes of a policy or an expert in simulation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from toto_bench.errors import RequestError
from toto_bench.robots.acting import Actor, actor_of
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.experts import Expert
from toto_bench.robots.policy import Policy
from toto_bench.robots.rollout_video import EpisodeVideos


@dataclass(frozen=True)
class Episode:
    """How one episode went."""

    seed: int
    """Of its start."""
    success: bool
    """Whether the goal was held long enough at any time."""
    steps: int
    """Control steps until it ended."""
    steps_to_success: int | None
    """Control steps until the goal had been held long enough; None where it never was."""
    total_reward: float
    """Sum of the rewards, not discounted."""
    ending: str
    """Why it ended: `time`, `dropped`, `contact`, `unstable`, or `success` if that was to end it."""


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
    actor: Policy | Expert,
    env: MujocoVectorEnv,
    episodes: int,
    *,
    seeds: int | Sequence[int] = 0,
    stop_at_success: bool = False,
    videos: EpisodeVideos | None = None,
) -> Rollout:
    """Run episodes; each depends on its seed and the actor alone, not on how many run together.

    An environment whose episode ended starts the next one at once. A policy that plans several actions is asked again
    when all of them are done.

    Args:
        actor: a policy, or an expert that was made for this environment's task.
        env: of the autoreset mode `Disabled`; with pictures if the policy has a camera.
        episodes: how many.
        seeds: of the first episode, the next ones counting up; or one of each.
        stop_at_success: end an episode with its success; returns and lengths are then those until there.
        videos: films chosen episodes.

    Raises:
        RequestError: another autoreset mode, another number of seeds, or a policy for another task.
        ActionError: the actions are not finite.
    """
    return _Run(actor_of(actor, env), env, _seeds(seeds, episodes), stop_at_success, videos).all()


class _Run:
    """The episodes that are done, those that run, and those that wait."""

    def __init__(
        self, actor: Actor, env: MujocoVectorEnv, seeds: list[int], stop: bool, videos: EpisodeVideos | None
    ) -> None:
        if env.autoreset_mode is not AutoresetMode.DISABLED:
            raise RequestError(
                'Every episode starts from a seed of its own: make the environment with `autoreset_mode="Disabled"`.'
            )
        self._actor, self._env, self._seeds, self._stop, self._videos = actor, env, seeds, stop, videos
        count = env.num_envs
        self._now = np.full(count, -1)  # number of the episode that runs in each environment; -1: none
        self._next = 0
        self._steps, self._won_at = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        self._reward = np.zeros(count)
        self._done: dict[int, Episode] = {}

    def all(self) -> Rollout:
        """Run them."""
        observation = self._start(np.ones(self._env.num_envs, dtype=bool))
        while (self._now >= 0).any():
            running = np.flatnonzero(self._now >= 0)
            self._film(running)
            actions = np.zeros(self._env.action_space.shape or (), dtype=np.float32)
            actions[running] = self._actor.act(observation, running)
            observation, reward, terminated, truncated, info = self._env.step(actions)
            self._steps += 1
            self._reward += reward
            self._won_at = np.where(info["success"] & (self._won_at == 0), self._steps, self._won_at)
            over = terminated | truncated
            ended = over | (info["success"] & (self._now >= 0) & self._stop)
            for index in np.flatnonzero(ended & (self._now >= 0)):
                self._finish(int(index), str(info["ending"][index]) if over[index] else "success")
            if ended.any():
                observation = self._start(ended)
        return Rollout(tuple(self._done[number] for number in range(len(self._seeds))))

    def _start(self, mask: NDArray[np.bool_]) -> dict[str, NDArray[np.generic]]:
        """Give waiting episodes to these environments; those for which there is none run on unobserved."""
        seeds: list[int | None] = [None] * self._env.num_envs
        for index in np.flatnonzero(mask):
            waiting = self._next < len(self._seeds)
            self._now[index] = self._next if waiting else -1
            seeds[index] = self._seeds[self._next] if waiting else None
            self._next += waiting
            self._steps[index] = self._won_at[index] = self._reward[index] = 0
            self._actor.restart(int(index))
        return self._env.reset(seed=seeds, options={"reset_mask": mask})[0]

    def _film(self, running: NDArray[np.int64]) -> None:
        if self._videos is not None:
            for index in running:
                self._videos.look(self._env.task, int(self._now[index]), int(index))

    def _finish(self, index: int, ending: str) -> None:
        number, won_at = int(self._now[index]), int(self._won_at[index])
        if self._videos is not None:
            self._videos.finish(self._env.task, number, index)
        self._done[number] = Episode(
            seed=self._seeds[number],
            success=won_at > 0,
            steps=int(self._steps[index]),
            steps_to_success=won_at or None,
            total_reward=float(self._reward[index]),
            ending=ending,
        )


def _seeds(seeds: int | Sequence[int], episodes: int) -> list[int]:
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

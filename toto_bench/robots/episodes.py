"""Episodes that run beside each other, each from a seed of its own."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from toto_bench.errors import RequestError
from toto_bench.robots.acting import Actor
from toto_bench.robots.autoreset import ENDINGS
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.errors import ActionError
from toto_bench.robots.observing import Observation
from toto_bench.robots.rollout_video import EpisodeVideos
from toto_bench.robots.things import thing_of

SUCCESS = "success"
"""Why an episode ended that was to end with its success."""


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
    start: tuple[float, float, float]
    """Where the cube or the handle was at its start, m."""


@dataclass(frozen=True)
class Watching:
    """Who looks on, and when an episode is over."""

    stop_at_success: bool = False
    """Whether an episode ends with its success."""
    videos: EpisodeVideos | None = None
    """Films chosen episodes."""
    finished: Callable[[Episode], None] | None = None
    """Told of each episode as it ends."""


class Episodes:
    """Those that are done, those that run, and those that wait."""

    def __init__(self, actor: Actor, env: MujocoVectorEnv, seeds: list[int], watching: Watching) -> None:
        """Prepare them.

        Args:
            actor: acts.
            env: of the autoreset mode `Disabled`.
            seeds: of the episodes.
            watching: who looks on.

        Raises:
            RequestError: another autoreset mode.
        """
        if env.autoreset_mode is not AutoresetMode.DISABLED:
            raise RequestError(
                'Every episode starts from a seed of its own: make the environment with `autoreset_mode="Disabled"`.'
            )
        self._actor, self._env, self._seeds, self._watching = actor, env, seeds, watching
        count = env.num_envs
        self._now = np.full(count, -1)  # number of the episode that runs in each environment; -1: none
        self._next = 0
        self._steps, self._won_at = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        self._reward, self._starts = np.zeros(count), np.zeros((count, 3))
        self._done: dict[int, Episode] = {}

    def run(self) -> tuple[Episode, ...]:
        """Run them all.

        Raises:
            ActionError: the actions are not finite, or have another shape.
        """
        observation = self._start(np.ones(self._env.num_envs, dtype=bool))
        while (self._now >= 0).any():
            running = np.flatnonzero(self._now >= 0)
            self._film(running)
            actions = np.zeros(self._env.action_space.shape or (), dtype=np.float32)
            actions[running] = self._asked(observation, running)
            observation, reward, terminated, truncated, info = self._env.step(actions)
            self._steps += 1
            self._reward += reward
            self._won_at = np.where(info["success"] & (self._won_at == 0), self._steps, self._won_at)
            enough = info["success"] & (self._now >= 0) & self._watching.stop_at_success
            ended = terminated | truncated | enough
            for index in np.flatnonzero(ended & (self._now >= 0)):
                self._finish(int(index), SUCCESS if enough[index] else ENDINGS[info["ending"][index]])
            if ended.any():
                observation = self._start(ended)
        return tuple(self._done[number] for number in range(len(self._seeds)))

    def _start(self, mask: NDArray[np.bool_]) -> Observation:
        """Give waiting episodes to these environments; those for which there is none run on unobserved."""
        seeds: list[int | None] = [None] * self._env.num_envs
        for index in np.flatnonzero(mask):
            waiting = self._next < len(self._seeds)
            self._now[index] = self._next if waiting else -1
            seeds[index] = self._seeds[self._next] if waiting else None
            self._next += waiting
            self._steps[index] = self._won_at[index] = self._reward[index] = 0
            if waiting:
                self._actor.restart(int(index), self._seeds[self._now[index]])
        observation = self._env.reset(seed=seeds, options={"reset_mask": mask})[0]
        self._starts[mask] = thing_of(self._env.task)[mask]
        return observation

    def _asked(self, observation: Observation, running: NDArray[np.int64]) -> NDArray[np.float32]:
        """Actions [n, A] of the environments that run."""
        actions = np.asarray(self._actor.act(observation, running))
        expected = (len(running), self._env.task.num_actions)
        if actions.shape != expected:
            raise ActionError(
                f"The actions have shape {list(actions.shape)}; {expected[0]} environments with {expected[1]} joints "
                f"need {list(expected)}."
            )
        return actions

    def _film(self, running: NDArray[np.int64]) -> None:
        if (videos := self._watching.videos) is not None:
            for index in running:
                videos.look(self._env.task, int(self._now[index]), int(index))

    def _finish(self, index: int, ending: str) -> None:
        number, won_at = int(self._now[index]), int(self._won_at[index])
        if self._watching.videos is not None:
            self._watching.videos.finish(self._env.task, number, index)
        x, y, z = self._starts[index].tolist()
        episode = Episode(
            seed=self._seeds[number],
            success=won_at > 0,
            steps=int(self._steps[index]),
            steps_to_success=won_at or None,
            total_reward=float(self._reward[index]),
            ending=ending,
            start=(x, y, z),
        )
        self._done[number] = episode
        if self._watching.finished is not None:
            self._watching.finished(episode)

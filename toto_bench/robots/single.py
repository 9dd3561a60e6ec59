"""One environment of a simulated task, for code that is written for a single one."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from toto_bench.robots.autoreset import Info
from toto_bench.robots.env import make_vector_env
from toto_bench.robots.observing import Observation


class MujocoEnv(gymnasium.Env[Observation, NDArray[Any]]):
    """A vector environment of one, without its first dimension; it does not reset itself."""

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 60}  # noqa: RUF012 - as gymnasium has it

    def __init__(self, task: str, *, render_mode: str | None = None, **options: Any) -> None:
        """Make it; `options` are those of `make_vector_env`."""
        mode = AutoresetMode.DISABLED
        self._env = make_vector_env(task, 1, autoreset_mode=mode, render_mode=render_mode, **options)
        self.render_mode = render_mode
        self.observation_space = self._env.single_observation_space
        self.action_space = self._env.single_action_space

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, Info]:
        """Start a new episode."""
        super().reset(seed=seed)
        observation, _ = self._env.reset(seed=seed, options=options)
        return _first(observation), {}

    def step(self, action: NDArray[Any]) -> tuple[Observation, float, bool, bool, Info]:
        """One control step.

        Raises:
            ActionError: wrong shape, or not finite.
            ResetNeededError: the episode is over.
        """
        observation, reward, terminated, truncated, info = self._env.step(np.asarray(action)[None])
        ended = {"success": bool(info["success"][0]), "ending": int(info["ending"][0])}
        return _first(observation), float(reward[0]), bool(terminated[0]), bool(truncated[0]), ended

    def render(self) -> NDArray[np.uint8] | None:
        """What a camera in front of the robot sees: uint8 [H, W, 3]."""
        pictures = self._env.render()
        return None if pictures is None else pictures[0]

    def close(self) -> None:
        """Give the renderer back."""
        self._env.close()


def _first(observation: Observation) -> Observation:
    return {name: value[0] for name, value in observation.items()}

"""The simulated tasks as a vector environment of gymnasium."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from toto_bench.robots.actions import checked_actions
from toto_bench.robots.autoreset import Info, blank, expect_running, final_info, info_of
from toto_bench.robots.generators import Generators, Mask, mask_of
from toto_bench.robots.observing import Observation, Observer
from toto_bench.robots.tasks import ManipulationTask, make_task


class MujocoVectorEnv(VectorEnv[Observation, NDArray[Any], NDArray[Any]]):
    """N environments of one task, stepped by `mujoco.batch`.

    Observations are `image` uint8 [N, H, W, 3] from the wrist camera (only if `images`) and `proprio` float32 [N, P].
    Infos hold `success` bool [N] and `ending` int64 [N], where an episode ended and why: a place in `ENDINGS`, 0 while
    it goes on. Each environment draws from a generator of its own, so a trajectory depends on its seed and its actions
    alone, not on its neighbours or the number of threads.

    ```python
    env = MujocoVectorEnv(make_task("franka-pick", 8), image_size=128)
    ```
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - as gymnasium declares it
        "render_modes": ["rgb_array"],
        "render_fps": 60,
        "autoreset_mode": AutoresetMode.SAME_STEP,
    }

    def __init__(
        self,
        task: ManipulationTask,
        *,
        images: bool = True,
        image_size: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
        render_backend: str = "auto",
        render_mode: str | None = None,
    ) -> None:
        """Wrap a task.

        Args:
            task: the simulation.
            images: whether observations hold pictures; without them no graphics library is touched.
            image_size: side of the pictures; the card's if None.
            autoreset_mode: when a finished environment starts anew.
            render_backend: `egl`, `osmesa`, `ray` or `auto`.
            render_mode: `rgb_array` for `render()`, the view of a camera in front of the robot.
        """
        self.task, self.num_envs, self.render_mode = task, task.num_envs, render_mode
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {**type(self).metadata, "autoreset_mode": self.autoreset_mode}
        side = image_size or task.spec.image_size
        self._observer = Observer(task, images=images, side=side, backend=render_backend)
        self.single_observation_space = self._observer.space
        self.single_action_space = spaces.Box(-1.0, 1.0, (task.num_actions,), np.float32)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._random = Generators(self.num_envs)
        self._finished, self._started = np.ones(self.num_envs, dtype=bool), False

    @property  # type: ignore[misc]
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """The generator of each environment."""
        return tuple(self._random.each)

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The seed each environment was last reset with."""
        return tuple(self._random.seeds)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, Info]:
        """Start new episodes.

        Args:
            seed: of the first environment, the next ones counting up; or one of each.
            options: `reset_mask` bool [N], which environments; all if absent.

        Raises:
            ValueError: the list of seeds or the mask has another length.
        """
        mask = mask_of(options, self.num_envs)
        self._random.seed(seed, mask)
        self.task.reset(mask, self._random.each)
        self._finished[mask] = False
        self._started = True
        return self._observer.look(), {}

    def step(self, actions: NDArray[Any]) -> tuple[Observation, NDArray[np.float64], Mask, Mask, Info]:
        """One control step of every environment.

        Args:
            actions: [N, A] in [-1, 1]; larger ones are clipped.

        Raises:
            ActionError: wrong shape, or not finite.
            ResetNeededError: an environment is finished (or was never reset) and does not reset itself.
        """
        actions = checked_actions(actions, self.num_envs, self.task.num_actions)
        waiting = self._finished.copy()
        if not self._started or self.autoreset_mode is not AutoresetMode.NEXT_STEP:
            expect_running(waiting)
        result = self.task.step(actions)
        if waiting.any():
            self.task.reset(waiting, self._random.each)
            result = blank(result, waiting)
        done = result.terminated | result.truncated
        info = info_of(result, waiting)
        observation = self._observer.look()
        if self.autoreset_mode is AutoresetMode.SAME_STEP:
            if done.any():
                observation, info = self._restart(done, observation, info)
        else:
            self._finished = done.copy()
        return observation, result.reward, result.terminated, result.truncated, info

    def render(self) -> tuple[NDArray[np.uint8], ...] | None:
        """What a camera in front of each robot sees: N pictures uint8 [H, W, 3]; None without a render mode."""
        return None if self.render_mode is None else self._observer.front()

    def close_extras(self, **kwargs: Any) -> None:
        """Give the renderer back."""
        del kwargs
        self._observer.views.close()

    def _restart(self, done: Mask, last: Observation, info: Info) -> tuple[Observation, Info]:
        """Reset the finished environments; their last observations and infos go into the info."""
        final = final_info(done, last, info)
        self.task.reset(done, self._random.each)
        return self._observer.look_again(last, done), info | final


def make_vector_env(
    task: str, num_envs: int = 1, *, threads: int = 1, preset: str = "paper", **options: Any
) -> MujocoVectorEnv:
    """The vector environment of a task by its card's name; `options` are those of `MujocoVectorEnv`.

    Raises:
        AssetsNameError: no such task.
    """
    return MujocoVectorEnv(make_task(task, num_envs, threads=threads, preset=preset), **options)

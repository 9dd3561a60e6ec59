"""The simulated tasks as a vector environment of gymnasium."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from toto_bench.robots.errors import ActionError, ResetNeededError
from toto_bench.robots.generators import Generators, Mask, mask_of
from toto_bench.robots.scenes import FRONT
from toto_bench.robots.tasks import ManipulationTask, StepResult, make_task
from toto_bench.robots.views import Views

Observation = dict[str, NDArray[Any]]
Info = dict[str, Any]


class MujocoVectorEnv(VectorEnv[Observation, NDArray[Any], NDArray[Any]]):
    """N environments of one task, stepped by `mujoco.batch`.

    Observations are `image` uint8 [N, H, W, 3] from the wrist camera (only if `images`) and `proprio` float32 [N, P].
    Infos hold `success` bool [N] and `ending`, why an episode ended. Each environment draws from a generator of its
    own, so a trajectory depends on its seed and its actions alone, not on its neighbours or the number of threads.

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
        self.task, self.num_envs = task, task.num_envs
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {**type(self).metadata, "autoreset_mode": self.autoreset_mode}
        self.render_mode = render_mode
        side = image_size or task.spec.image_size
        self._images = images
        self._views = Views(task, side, render_backend)
        width = 2 * task.num_actions
        single: dict[str, spaces.Space[Any]] = {"proprio": spaces.Box(-np.inf, np.inf, (width,), np.float32)}
        if images:
            single["image"] = spaces.Box(0, 255, (side, side, 3), np.uint8)
        self.single_observation_space = spaces.Dict(single)
        self.single_action_space = spaces.Box(-1.0, 1.0, (task.num_actions,), np.float32)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._random = Generators(self.num_envs)
        self._finished = np.ones(self.num_envs, dtype=bool)
        self._started = False

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
        return self._observe(), {}

    def step(self, actions: NDArray[Any]) -> tuple[Observation, NDArray[np.float64], Mask, Mask, Info]:
        """One control step of every environment.

        Args:
            actions: [N, A] in [-1, 1]; larger ones are clipped.

        Raises:
            ActionError: wrong shape, or not finite.
            ResetNeededError: an environment is finished (or was never reset) and does not reset itself.
        """
        actions = self._checked(actions)
        waiting = self._finished.copy()
        if not self._started or (waiting.any() and self.autoreset_mode is not AutoresetMode.NEXT_STEP):
            raise ResetNeededError(
                f"Environment {int(np.flatnonzero(waiting)[0])} has to be reset before it is stepped: call `reset` "
                "(with `options={'reset_mask': ...}` for some of them)."
            )
        result = self.task.step(actions)
        if waiting.any():
            self.task.reset(waiting, self._random.each)
            result = _blank(result, waiting)
        done = result.terminated | result.truncated
        everywhere = np.ones(self.num_envs, dtype=bool)
        info: Info = {
            "success": result.success,
            "_success": everywhere,
            "ending": result.ending,
            "_ending": everywhere.copy(),
        }
        observation = self._observe()
        if self.autoreset_mode is AutoresetMode.SAME_STEP:
            if done.any():
                observation, info = self._restart(done, observation, info)
        else:
            self._finished = done.copy()
        return observation, result.reward, result.terminated, result.truncated, info

    def render(self) -> tuple[NDArray[np.uint8], ...] | None:
        """What a camera in front of each robot sees: N pictures uint8 [H, W, 3]; None without a render mode."""
        if self.render_mode is None:
            return None
        return tuple(self._views.draw(range(self.num_envs), FRONT))

    def close_extras(self, **kwargs: Any) -> None:
        """Give the renderer back."""
        del kwargs
        self._views.close()

    def _observe(self) -> Observation:
        observation: Observation = {"proprio": self.task.proprio()}
        if self._images:
            observation["image"] = self._views.draw(range(self.num_envs))
        return observation

    def _restart(self, done: Mask, last: Observation, info: Info) -> tuple[Observation, Info]:
        """Reset the finished environments; their last observations and infos go into the info."""
        final = np.full(self.num_envs, None, dtype=object)
        for index in np.flatnonzero(done):
            final[index] = {name: value[index].copy() for name, value in last.items()}
        ended = {name: value.copy() for name, value in info.items()}
        ended["_success"], ended["_ending"] = done.copy(), done.copy()
        self.task.reset(done, self._random.each)
        fresh = {"proprio": self.task.proprio()}
        if self._images:
            fresh["image"] = last["image"].copy()
            fresh["image"][done] = self._views.draw(np.flatnonzero(done))
        extra = {
            "final_obs": final,
            "_final_obs": done.copy(),
            "final_info": ended,
            "_final_info": done.copy(),
        }
        return fresh, info | extra

    def _checked(self, actions: NDArray[Any]) -> NDArray[np.float64]:
        array = np.asarray(actions, dtype=np.float64)
        expected = (self.num_envs, self.task.num_actions)
        if array.shape != expected:
            raise ActionError(
                f"Actions have shape {array.shape}; {self.num_envs} environments with "
                f"{expected[1]} joints need {expected}."
            )
        if not np.isfinite(array).all():
            wrong = np.flatnonzero(~np.isfinite(array).all(1))
            raise ActionError(
                f"The action of environment {int(wrong[0])} is not finite: the policy that made it has diverged."
            )
        return array


def make_vector_env(
    task: str, num_envs: int = 1, *, threads: int = 1, preset: str = "paper", **options: Any
) -> MujocoVectorEnv:
    """The vector environment of a task by its card's name; `options` are those of `MujocoVectorEnv`.

    Raises:
        AssetsNameError: no such task.
    """
    return MujocoVectorEnv(make_task(task, num_envs, threads=threads, preset=preset), **options)


def _blank(result: StepResult, waiting: Mask) -> StepResult:
    """The step of an environment that was only reset in it: no reward, no end."""
    return StepResult(
        np.where(waiting, 0.0, result.reward),
        result.success & ~waiting,
        result.terminated & ~waiting,
        result.truncated & ~waiting,
        np.where(waiting, "", result.ending),
    )

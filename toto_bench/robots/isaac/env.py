"""A task of Isaac Gym (IsaacGymEnvs, PixMC) or Isaac Lab as a vector environment of gymnasium."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from torch import Tensor

from toto_bench.errors import RequestError
from toto_bench.robots.errors import ActionError

Success = Callable[[dict[str, Any]], Tensor | None]


def successes(extras: dict[str, Any]) -> Tensor | None:
    """What PixMC calls the successes of its environments, if the task says it."""
    found = extras.get("successes")
    return None if found is None else torch.as_tensor(found) > 0


class IsaacGymVectorEnv(VectorEnv[dict[str, Tensor], Tensor, Tensor]):
    """Wraps anything with `num_envs`, `reset()` and `step(actions)`; Isaac Gym itself is never imported here.

    Tensors stay on the task's device and are cloned, since the task's are live buffers. A `VecTask` resets in the step
    after the end (NEXT_STEP), so the action sent to a finished environment is lost; Isaac Lab resets in the same step.
    """

    def __init__(
        self,
        task: Any,
        *,
        obs_key: str = "obs",
        image_key: str | None = None,
        state_key: str | None = "states",
        success: Success = successes,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
    ) -> None:
        """Wrap a task and look at its first observations.

        Args:
            task: `step` gives (observations, reward, reset, extras), or gymnasium's five.
            obs_key: the observation called `obs`; a bare tensor is this one.
            image_key: the one called `image`, if any.
            state_key: the one called `proprio`; PixMC's `get_state()` if it is not among the observations.
            success: reads successes bool [N] out of the extras; None where there are none.
            autoreset_mode: when the task resets its finished environments.

        Raises:
            RequestError: an observation that was named is not there, or there are no actions.
        """
        self.task, self.num_envs = task, int(task.num_envs)
        self.metadata = {"autoreset_mode": AutoresetMode(autoreset_mode)}
        self._keys = {"obs": obs_key, "image": image_key, "proprio": state_key}
        self._success = success
        self.device = torch.device(getattr(task, "rl_device", None) or getattr(task, "device", None) or "cpu")
        actions = getattr(task, "num_acts", None) or getattr(task, "num_actions", None)
        if not actions:
            raise RequestError("The task says neither `num_acts` nor `num_actions`.")
        self.single_action_space = spaces.Box(-1.0, 1.0, (int(actions),), np.float32)
        first = self._observation(_first(task.reset()))
        self.single_observation_space = spaces.Dict({name: _space(value) for name, value in first.items()})
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What `task.reset()` gives: a `VecTask` starts episodes only the first time. Seeds are the task's own matter.

        Raises:
            RequestError: options were given.
        """
        del seed
        if options:
            raise RequestError("A task of Isaac Gym takes no options at reset.")
        return self._observation(_first(self.task.reset())), {}

    def step(self, actions: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor, Tensor, dict[str, Any]]:
        """One step: observations, reward [N], terminated and truncated bool [N], infos.

        Args:
            actions: [N, A], a tensor or an array.

        Raises:
            ActionError: wrong shape, or not finite.
        """
        actions = torch.as_tensor(actions, dtype=torch.float32, device=self.device)
        if actions.shape != self.action_space.shape:
            raise ActionError(f"Actions have shape {tuple(actions.shape)}, not {self.action_space.shape}.")
        if not bool(torch.isfinite(actions).all()):
            raise ActionError("An action is not finite: the policy that made it has diverged.")
        observation, reward, *ends, extras = self.task.step(actions)
        terminated, truncated = _ends(ends, extras)
        info: dict[str, Any] = {}
        if (reached := self._success(extras)) is not None:
            info = {"success": reached.clone(), "_success": np.ones(self.num_envs, dtype=bool)}
        return self._observation(observation), reward.clone(), terminated, truncated, info

    def _observation(self, given: Any) -> dict[str, Tensor]:
        found: dict[str, Tensor] = (
            dict(given) if isinstance(given, dict) else {self._keys["obs"] or "obs": given}
        )
        state = self._keys["proprio"]
        if state is not None and state not in found and hasattr(self.task, "get_state"):
            found[state] = self.task.get_state()
        result = {}
        for name, key in self._keys.items():
            if key is None or (name == "proprio" and key == "states" and key not in found):
                continue
            if key not in found:
                raise RequestError(f"The task has no observation `{key}`, only {', '.join(found)}.")
            result[name] = found[key].clone()
        return result


def _first(given: Any) -> Any:
    """Observations of a reset that may also hand over infos."""
    return given[0] if isinstance(given, tuple) else given


def _ends(ends: list[Tensor], extras: dict[str, Any]) -> tuple[Tensor, Tensor]:
    if len(ends) > 1:
        return ends[0].bool().clone(), ends[1].bool().clone()
    over = ends[0].bool()
    late = extras.get("time_outs")
    late = torch.zeros_like(over) if late is None else torch.as_tensor(late, device=over.device).bool()
    return over & ~late, over & late


def _space(value: Tensor) -> spaces.Box:
    """The space of one environment's row."""
    shape = tuple(value.shape[1:])
    if value.dtype == torch.uint8:
        return spaces.Box(0, 255, shape, np.uint8)
    return spaces.Box(-np.inf, np.inf, shape, np.float32)

"""A vector environment in the shape of IsaacGymEnvs' `VecTask`: batched torch tensors, one step from end to reset."""

from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from torch import Tensor

from toto_bench.errors import RequestError


class IsaacGymView:
    """What code written for a `VecTask` needs.

    The tensors handed out are copies, not Isaac Gym's live buffers. As there, a finished environment shows its last
    observation with `reset_buf` 1, and starts anew inside the next `step`, which ignores its action.
    """

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any],
        device: str = "cpu",
        *,
        obs_key: str = "image",
        state_key: str | None = "proprio",
    ) -> None:
        """Wrap an environment.

        Args:
            env: with dict observations, and the autoreset mode NEXT_STEP.
            device: of the tensors.
            obs_key: the observation that is called `obs`.
            state_key: the observation that is called `states`; None: there is none.

        Raises:
            RequestError: another autoreset mode, or no such observation.
        """
        if env.metadata.get("autoreset_mode") is not AutoresetMode.NEXT_STEP:
            raise RequestError(
                "Isaac Gym's tasks reset a finished environment in the step after its end: make the environment with "
                '`autoreset_mode="NextStep"`.'
            )
        space = env.single_observation_space
        names = list(space.spaces) if isinstance(space, spaces.Dict) else []
        for key in (obs_key, state_key):
            if key is not None and key not in names:
                raise RequestError(
                    f"The environment has no observation `{key}`, only {', '.join(names) or 'one'}."
                )
        self.env, self.rl_device, self.device = env, device, device
        self.obs_key, self.state_key = obs_key, state_key
        self.num_envs = env.num_envs
        self.observation_space: spaces.Space[Any] = space[obs_key]  # type: ignore[index]
        self.action_space: spaces.Space[Any] = env.single_action_space
        self.num_acts = self.num_actions = int(np.prod(self.action_space.shape or ()))
        self.num_obs = int(np.prod(self.observation_space.shape or ()))
        self.num_states = 0 if state_key is None else int(np.prod(space[state_key].shape or ()))  # type: ignore[index]
        self._last: dict[str, Tensor] | None = None

    def reset(self) -> dict[str, Tensor]:
        """The present observations; only the first call starts episodes."""
        if self._last is None:
            self._last = self._tensors(self.env.reset()[0])
        return {name: value.clone() for name, value in self._last.items()}

    def step(self, actions: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor, dict[str, Tensor]]:
        """One control step.

        Args:
            actions: [N, A].

        Returns:
            Observations by name; rewards float32 [N]; `reset_buf` int64 [N], 1 where an episode ended; extras with
            `time_outs` bool [N] and, if the environment says so, `successes` float32 [N].
        """
        observation, reward, terminated, truncated, info = self.env.step(actions.detach().cpu().numpy())
        self._last = self._tensors(observation)
        extras = {"time_outs": self._tensor(truncated)}
        if "success" in info:
            extras["successes"] = self._tensor(info["success"]).float()
        ended = self._tensor(terminated | truncated).long()
        return self.reset(), self._tensor(reward).float(), ended, extras

    def get_state(self) -> Tensor:
        """The proprioception, as PixMC's tasks hand it over: [N, P]."""
        if self.state_key is None:
            raise RequestError("This view has no `state_key`.")
        return self.reset()["states"]

    def reset_idx(self, env_ids: Tensor) -> None:
        """Start new episodes of these environments now."""
        self.reset()
        mask = np.zeros(self.num_envs, dtype=bool)
        mask[env_ids.cpu().numpy()] = True
        if mask.any():
            self._last = self._tensors(self.env.reset(options={"reset_mask": mask})[0])

    def _tensors(self, observation: dict[str, Any]) -> dict[str, Tensor]:
        tensors = {name: self._tensor(value) for name, value in observation.items()}
        tensors["obs"] = tensors[self.obs_key]
        if self.state_key is not None:
            tensors["states"] = tensors[self.state_key]
        return tensors

    def _tensor(self, array: Any) -> Tensor:
        return torch.tensor(np.asarray(array), device=self.device)

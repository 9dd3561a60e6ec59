"""Policies and experts as what steps environments: one action each at a time."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import RequestError
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.experts import Expert
from toto_bench.robots.observing import IMAGE, PROPRIO
from toto_bench.robots.policy import Policy, PolicySpec

Batch = Mapping[str, NDArray[Any]]
KIND = "joint-target-delta"
"""What the simulated tasks take."""
_WAY_OUT = (
    "Choose the policy that was trained for this task, or make environments like those that it learnt in."
)
_STATE = (
    "A policy that was shown the simulation's state is played by `SensingActor` of "
    "`toto_bench.robots.learning.evaluate`; see docs/robots-simulation.md."
)


@runtime_checkable
class Actor(Protocol):
    """Acts in some environments."""

    def restart(self, index: int, seed: int) -> None:
        """An episode of this environment begins; the seed is that of its start."""
        ...

    def act(self, observation: Batch, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Actions [n, A] for these environments.

        Args:
            observation: of all environments.
            ids: which of them.
        """
        ...


class ExpertActor:
    """An expert reads the simulation, not the observations."""

    def __init__(self, expert: Expert, env: MujocoVectorEnv) -> None:
        self._expert, self._task = expert, env.task

    def restart(self, index: int, seed: int) -> None:
        """Nothing: experts remember nothing."""

    def act(self, observation: Batch, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """The expert's actions for these environments: [n, A]."""
        del observation
        return self._expert(self._task)[ids]


class PolicyActor:
    """A policy is asked where all planned actions are done, for all those environments together."""

    def __init__(self, policy: Policy, env: MujocoVectorEnv) -> None:
        expect_fit(policy.spec, env)
        self._policy = policy
        self._camera = policy.spec.cameras[0].name if policy.spec.cameras else None
        self._plans = np.zeros((env.num_envs, policy.spec.chunk, env.task.num_actions), dtype=np.float32)
        self._left = np.zeros(env.num_envs, dtype=np.int64)

    def restart(self, index: int, seed: int) -> None:
        """Forget what was planned for this environment."""
        del seed
        self._left[index] = 0

    def act(self, observation: Batch, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """The next planned actions of these environments: [n, A]."""
        if len(asked := ids[self._left[ids] == 0]):
            images = {} if self._camera is None else {self._camera: observation[IMAGE][asked]}
            self._plans[asked] = self._policy.act_batch(images, observation[PROPRIO][asked])
            self._left[asked] = self._policy.spec.chunk
        actions = self._plans[ids, self._policy.spec.chunk - self._left[ids]]
        self._left[ids] -= 1
        return np.asarray(actions)


def actor_of(actor: Policy | Expert | Actor, env: MujocoVectorEnv) -> Actor:
    """Whoever acts in the environments.

    Raises:
        RequestError: a policy that was made for other environments.
    """
    if isinstance(actor, Policy):
        actor.reset()
        return PolicyActor(actor, env)
    return actor if isinstance(actor, Actor) else ExpertActor(actor, env)


def expect_fit(spec: PolicySpec, env: MujocoVectorEnv) -> None:
    """Refuse a policy that learnt in another world than these environments.

    Raises:
        RequestError: names everything that differs.
    """
    pictures = env.single_observation_space.spaces.get(IMAGE)  # type: ignore[attr-defined]
    found: dict[str, tuple[object, object]] = {
        "numbers of proprioception": (2 * env.task.num_actions, len(spec.proprio)),
        "numbers of an action": (env.task.num_actions, len(spec.action.names)),
        "actions per second": (float(env.task.spec.control_hz), spec.rate_hz),
        "kind of action": (KIND, spec.action.kind),
        "cameras": (min(len(spec.cameras), 1), len(spec.cameras)),
    }
    for camera in spec.cameras:
        shape = None if pictures is None else pictures.shape
        found[f"pictures of camera `{camera.name}`"] = (shape, (camera.height, camera.width, 3))
    wrong = [f"{what}: {is_} here, {was} for the policy" for what, (is_, was) in found.items() if is_ != was]
    if wrong:
        state = not spec.cameras and len(spec.proprio) > 2 * env.task.num_actions
        raise RequestError(
            f"The policy does not fit the environments of `{env.task.spec.name}`: {'; '.join(wrong)}. "
            f"{_STATE if state else _WAY_OUT}"
        )

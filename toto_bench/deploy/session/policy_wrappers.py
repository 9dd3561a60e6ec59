"""Policies that are no networks: a script that knows the simulation, and a network slowed down."""

from dataclasses import replace

import numpy as np

from toto_bench.deploy.limits import JOINTS
from toto_bench.deploy.remote import Acting
from toto_bench.deploy.session.station import Scene
from toto_bench.deploy.simulated.expert import PickExpert
from toto_bench.deploy.simulated.state import yaw_of
from toto_bench.deploy.types import RobotState
from toto_bench.robots.policy import ActionChunk, ActionSpec, Observation, PolicySpec

NAMES = (*(f"joint_{number}" for number in range(1, JOINTS + 1)), "gripper")
SHARE_OF_LIMIT = 0.9
"""The script stays below the guard's largest step by this."""


class ScriptedPolicy:
    """The script that picks the cube up, as a policy: a ceiling for those that have to see. Simulation only."""

    def __init__(self, scene: Scene, *, speed_factor: float, rate_hz: float = 10.0) -> None:
        self.spec = PolicySpec(
            proprio=NAMES, action=ActionSpec(kind="joint-position", names=NAMES), rate_hz=rate_hz
        )
        self._scene = scene
        self._expert = PickExpert(rate_hz=rate_hz, speed=SHARE_OF_LIMIT * speed_factor)

    def reset(self) -> None:
        """It remembers nothing."""

    def act(self, observation: Observation) -> ActionChunk:
        """One command."""
        numbers = np.asarray(observation.proprio, dtype=np.float64)
        robot = RobotState(numbers[:JOINTS], np.zeros(JOINTS), float(numbers[JOINTS]), 0.0, observation.time)
        cube = self._scene.scene_state().cube
        command = self._expert(robot, np.array([*cube[:3], yaw_of(cube)]))
        actions = np.array([[*command.q, command.gripper]], dtype=np.float32)
        return ActionChunk(actions, self.spec.action.kind, 1 / self.spec.rate_hz, observation.time)


class SlowPolicy:
    """A policy whose steps are made smaller: it goes the same way in more time.

    Only where actions are changes of joints. Targets themselves cannot be made smaller; there the guard's limits slow
    the arm down.
    """

    def __init__(self, policy: Acting, share: float) -> None:
        self.spec, self._policy, self._share = policy.spec, policy, share

    def reset(self) -> None:
        """As the policy."""
        self._policy.reset()

    def act(self, observation: Observation) -> ActionChunk:
        """As the policy, in smaller steps."""
        chunk = self._policy.act(observation)
        if chunk.kind == "joint-position":
            return chunk
        actions = np.array(chunk.actions)
        actions[..., :JOINTS] *= self._share
        return replace(chunk, actions=actions)

"""What the simulated tasks share: many environments of one scene, stepped together; numpy, no gymnasium."""

import abc
from collections.abc import Sequence
from typing import NamedTuple

import mujoco
import numpy as np
from mujoco.batch import Batch, SimulationError
from numpy.typing import NDArray

from toto_bench.robots.scenes import build
from toto_bench.robots.spec import SceneSpec

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RUNNING, TIME, DROPPED, CONTACT, UNSTABLE = "", "time", "dropped", "contact", "unstable"
"""Why an episode ended."""
_SPEED_SCALE = 0.1
"""Factor on joint speeds in the proprioception (PixMC, commit 5746656)."""
_TOO_FAST = 1e4
"""A joint speed, rad/s or m/s, that only a simulation out of hand reaches."""


class StepResult(NamedTuple):
    """Of one control step, for each environment."""

    reward: Floats
    """float64 [N], as PixMC's."""
    success: Bools
    """bool [N]: the goal was held long enough, now or earlier in the episode."""
    terminated: Bools
    """bool [N]: dropped, hit something with the arm, or the simulation was out of hand."""
    truncated: Bools
    """bool [N]: the time is over."""
    ending: NDArray[np.str_]
    """str [N]: why it ended, empty where it goes on."""


class ManipulationTask(abc.ABC):
    """N environments of one scene. Everything an expert may see can be read from it; nothing is hidden.

    The targets of the servos accumulate: an action in [-1, 1] moves each by at most `reach` (rad or m).
    """

    def __init__(self, spec: SceneSpec, num_envs: int, threads: int = 1) -> None:
        """Compile the scene.

        Args:
            spec: of the task.
            num_envs: how many environments.
            threads: for the physics; results are bit-identical whatever their number.

        Raises:
            RequestError: values of the spec do not go together.
            AssetsError: the robot's models are not there.
        """
        self.spec, self.num_envs = spec, num_envs
        scene = build(spec)
        self.model, self.robot = scene.model, scene.robot
        spec.expect_sound(len(self.robot.joints))
        self.batch = Batch(self.model, num_envs, threads)
        joints = [self.model.joint(name) for name in self.robot.joints]
        self.q_index = np.array([joint.qposadr[0] for joint in joints])
        self.v_index = np.array([joint.dofadr[0] for joint in joints])
        self.low, self.high = np.array([joint.range for joint in joints]).T
        fingers = len(joints) - self.robot.arm
        speed = np.repeat(spec.action_speed, [self.robot.arm, fingers])
        self.reach: Floats = speed * spec.action_scale / spec.control_hz
        """Largest change of each target in one control step, [A]."""
        self._qpos, self._qvel = self.batch.bind("qpos"), self.batch.bind("qvel")
        self.targets: Floats = self.batch.bind("ctrl")
        """Targets of the servos, live [N, A]."""
        self._sites = self.batch.bind("site_xpos")
        self._site_turns = self.batch.bind("site_xmat")
        self._sensors = self.batch.bind("sensordata")
        self._tips = [self.model.site(name).id for name in self.robot.tips]
        self._start = np.clip(np.array(spec.initial_joints), self.low, self.high)
        self.steps = np.zeros(num_envs, dtype=np.int64)
        self._held = np.zeros(num_envs, dtype=np.int64)
        self._done_before = np.zeros(num_envs, dtype=bool)

    @property
    def num_actions(self) -> int:
        """Length of an action."""
        return len(self.q_index)

    @property
    def joints(self) -> Floats:
        """Joint positions [N, A]."""
        return np.asarray(self._qpos[:, self.q_index])

    @property
    def speeds(self) -> Floats:
        """Joint speeds [N, A]."""
        return np.asarray(self._qvel[:, self.v_index])

    @property
    def tips(self) -> Floats:
        """Fingertips in the world [N, K, 3]."""
        return np.asarray(self._sites[:, self._tips])

    def reset(self, mask: Bools, generators: Sequence[np.random.Generator]) -> None:
        """Start new episodes.

        Args:
            mask: bool [N], which.
            generators: one of each environment, so that an episode depends on no other environment.
        """
        ids = np.flatnonzero(mask)
        if not len(ids):
            return
        self.batch.reset(ids, stage=mujoco.mjtStage.mjSTAGE_NONE.value)
        for index in ids.tolist():
            noise = generators[index].uniform(-1, 1, self.num_actions) * self.spec.initial_noise
            joints = np.clip(np.array(self.spec.initial_joints) + noise, self.low, self.high)
            self._qpos[index, self.q_index] = joints
            self.targets[index] = joints
            self._place(index, generators[index])
        self.steps[ids], self._held[ids], self._done_before[ids] = 0, 0, False
        self.batch.forward(ids, stage=mujoco.mjtStage.mjSTAGE_POS.value)

    def step(self, action: NDArray[np.floating]) -> StepResult:
        """Move the targets and advance by one control step; actions [N, A] are clipped to [-1, 1]."""
        action = np.clip(np.asarray(action, dtype=np.float64), -1.0, 1.0)
        self.targets[:] = np.clip(self.targets + self.reach * action, self.low, self.high)
        unstable = self._advance()
        self.steps += 1
        with np.errstate(invalid="ignore", over="ignore"):
            reached = self._reached() & ~unstable
            reward = np.nan_to_num(self._reward() - 0.01 * (action**2).sum(1))
            dropped, contact = self._dropped(), self._forces().max(1) > self.spec.contact_limit
        self._held = np.where(reached, self._held + 1, 0)
        self._done_before |= self._held >= self.spec.success_hold
        truncated = self.steps >= self.spec.horizon
        ending = np.select(
            [unstable, dropped, contact, truncated], [UNSTABLE, DROPPED, CONTACT, TIME], RUNNING
        )
        terminated = unstable | dropped | contact
        return StepResult(reward, self._done_before.copy(), terminated, truncated & ~terminated, ending)

    def proprio(self) -> NDArray[np.float32]:
        """Positions scaled to [-1, 1] and a tenth of the speeds: float32 [N, 2 A]."""
        scaled = 2 * (self.joints - self.low) / (self.high - self.low) - 1
        both = np.concatenate([scaled, _SPEED_SCALE * self.speeds], axis=1)
        return np.asarray(np.nan_to_num(both), dtype=np.float32)

    def privileged(self) -> dict[str, NDArray[np.floating]]:
        """What an oracle sees beside the proprioception, by name, [N, ...]."""
        return {"tips": self.tips, "targets": self.targets.copy(), **self._goal()}

    def _advance(self) -> Bools:
        """One control step of physics; which environments got out of hand."""
        unstable = np.zeros(self.num_envs, dtype=bool)
        try:
            self.batch.step(nstep=self.spec.substeps, stage=mujoco.mjtStage.mjSTAGE_POS.value)
        except SimulationError as error:
            unstable[error.ids] = True
        fine = np.isfinite(self._qpos).all(1) & (np.abs(self._qvel) < _TOO_FAST).all(1)
        return np.asarray(unstable | ~fine)

    def _forces(self) -> Floats:
        """Net contact force on each arm link, N: [N, L]."""
        vectors = self._sensors.reshape(self.num_envs, len(self.robot.arm_links), 3)
        return np.asarray(np.linalg.norm(vectors, axis=2))

    @abc.abstractmethod
    def _place(self, index: int, generator: np.random.Generator) -> None:
        """Put the things of one environment where its next episode starts."""

    @abc.abstractmethod
    def _reached(self) -> Bools:
        """Whether the goal is met at this step."""

    @abc.abstractmethod
    def _dropped(self) -> Bools:
        """Whether the task cannot be done any more."""

    @abc.abstractmethod
    def _reward(self) -> Floats:
        """PixMC's reward without the cost of the action."""

    @abc.abstractmethod
    def _goal(self) -> dict[str, NDArray[np.floating]]:
        """The privileged state of the things."""

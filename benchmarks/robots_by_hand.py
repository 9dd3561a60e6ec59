"""A single environment as one would write it for gymnasium: one MjData, `mj_step`, and the few numbers of the task."""

import time
from typing import Any

import gymnasium
import mujoco
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from toto_bench.robots.scenes import CAMERA
from toto_bench.robots.tasks import make_task
from toto_bench.simulation.renderer import FrameRenderer

Observation = dict[str, NDArray[Any]]


class ByHand(gymnasium.Env[Observation, NDArray[np.float32]]):
    """`franka-pick`; model, picture and numbers are those of `MujocoVectorEnv`, nothing else is done."""

    def __init__(self, name: str, side: int | None) -> None:
        task = make_task(name, 1)
        self.spec_, self.model, self.data = task.spec, task.model, mujoco.MjData(task.model)
        self.low, self.high, self.reach = task.low, task.high, task.reach
        self.q, self.v = task.q_index, task.v_index
        self.cube = self.model.joint("cube").qposadr[0]
        self.tips = [self.model.site(name).id for name in task.robot.tips]
        self.span = self.high - self.low
        self.held = self.steps = 0
        self.action_space = spaces.Box(-1, 1, (len(self.q),), np.float32)
        found: dict[str, spaces.Space[Any]] = {
            "proprio": spaces.Box(-np.inf, np.inf, (2 * len(self.q),), np.float32)
        }
        self.renderer = None
        if side is not None:
            found["image"] = spaces.Box(0, 255, (side, side, 3), np.uint8)
            self.renderer = FrameRenderer(self.model, side, side)
        self.observation_space: spaces.Space[Observation] = spaces.Dict(found)  # type: ignore[assignment]

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start a new episode."""
        del options
        super().reset(seed=seed)
        mujoco.mj_resetData(self.model, self.data)
        spec = self.spec_
        noise = self.np_random.uniform(-1, 1, len(self.q)) * spec.initial_noise
        joints = np.clip(np.array(spec.initial_joints) + noise, self.low, self.high)
        self.data.qpos[self.q] = self.data.ctrl[:] = joints
        offset = self.np_random.uniform(-1, 1, 3) * np.array(spec.object_range)
        self.data.qpos[self.cube : self.cube + 7] = [*(np.array(spec.object_start) + offset), 1, 0, 0, 0]
        mujoco.mj_fwdPosition(self.model, self.data)
        self.held = self.steps = 0
        return self.look(), {}

    def step(self, action: NDArray[np.float32]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """One control step."""
        spec, data = self.spec_, self.data
        action = np.clip(np.asarray(action, np.float64), -1, 1)
        data.ctrl[:] = np.clip(data.ctrl + self.reach * action, self.low, self.high)
        mujoco.mj_step(self.model, data, spec.substeps)
        mujoco.mj_fwdPosition(self.model, data)
        self.steps += 1
        height = data.qpos[self.cube + 2]
        reached = abs(height - spec.goal_height) <= spec.goal_tolerance
        self.held = self.held + 1 if reached else 0
        distance = np.linalg.norm(data.site_xpos[self.tips] - data.qpos[self.cube : self.cube + 3], axis=1)
        reward = (0.08 / (0.04 + np.maximum(distance, 0.02))).sum() - 0.01 * (action**2).sum()
        if height - 0.4225 > 0.015:
            reward += 2 + 1.28 / (0.04 + abs(height - spec.goal_height))
        forces = np.linalg.norm(data.sensordata.reshape(-1, 3), axis=1)
        fallen = bool(0.4225 - height > spec.drop_limit or forces.max() > spec.contact_limit)
        over = self.steps >= spec.horizon
        return self.look(), float(reward), fallen, over and not fallen, {"success": self.held >= 10}

    def look(self) -> Observation:
        """Joints, and the picture."""
        scaled = 2 * (self.data.qpos[self.q] - self.low) / self.span - 1
        observation: Observation = {
            "proprio": np.concatenate([scaled, 0.1 * self.data.qvel[self.v]]).astype(np.float32)
        }
        if self.renderer is not None:
            mujoco.mj_camlight(self.model, self.data)
            observation["image"] = self.renderer.image(self.data, CAMERA)
        return observation

    def cpu_seconds(self) -> float:
        """User and system time of this process so far."""
        return time.process_time()

    def close(self) -> None:
        """Give the renderer back."""
        if self.renderer is not None:
            self.renderer.close()

"""Recording an expert in the simulated tasks."""

from pathlib import Path

import numpy as np

from toto_bench.errors import RequestError
from toto_bench.progress import Progress, Silent
from toto_bench.robots.demonstrations.layout import Step, StepLayout
from toto_bench.robots.demonstrations.lerobot import LeRobotWriter
from toto_bench.robots.demonstrations.lerobot.video import QUALITY
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.experts import Expert
from toto_bench.robots.learning.senses import StateSenses, proprio_names
from toto_bench.robots.scenes import CAMERA
from toto_bench.robots.tasks import ManipulationTask

PROPRIO, STATE = "observation.proprio", "observation.environment_state"
"""What a policy that looks reads beside pictures, and all that the upper anchor reads."""
TRIES = 20
"""Starts that are tried for one demonstration before the expert is given up."""
_FIRST = np.zeros(1, dtype=np.int64)


def record_expert(
    env: MujocoVectorEnv,
    expert: Expert,
    folder: Path,
    *,
    episodes: int,
    seed: int = 0,
    noise: float = 0.0,
    quality: int = QUALITY,
    progress: Progress | None = None,
) -> int:
    """Record successful episodes of an expert in LeRobot's layout; each ends when the goal was held.

    Demonstration k depends on `seed` and k alone, so an interrupted recording is continued by the same call. Recorded
    actions are the expert's, without the noise.

    Args:
        env: one environment; pictures are recorded if its observations have them.
        expert: acts in it.
        folder: of the set.
        episodes: of the set when it is done, those that are there already included.
        seed: of starts and noise.
        noise: standard deviation of the noise on the actions that are carried out, in parts of the largest.
        quality: constant rate factor of x264.
        progress: is told of episodes.

    Returns:
        Episodes that were recorded now.

    Raises:
        RequestError: there are several environments, or the expert fails again and again.
        RecordingError: the folder holds something else.
        DiskError: the operating system refused; what was recorded stays.
    """
    if env.num_envs != 1:
        raise RequestError(
            f"Demonstrations are recorded one after another: make one environment, not {env.num_envs}."
        )
    progress = progress or Silent()
    with LeRobotWriter(folder, _layout(env), quality=quality) as writer:
        first = writer.kept
        progress.start(f"Demonstrations of {env.task.spec.name}", max(episodes - first, 0))
        for number in range(first, episodes):
            if not any(_try(env, expert, writer, (seed, number, start), noise) for start in range(TRIES)):
                raise RequestError(
                    f"The expert failed from {TRIES} starts in a row, so demonstration {number} cannot be made. Reduce "
                    "the noise, or look at what it does."
                )
            progress.advance(1)
        progress.stop()
        return writer.kept - first


def joint_names(task: ManipulationTask) -> tuple[str, ...]:
    """Names of the joints of a task's robot, without its own."""
    return tuple(name.rpartition("/")[2] for name in task.robot.joints)


def _try(
    env: MujocoVectorEnv, expert: Expert, writer: LeRobotWriter, start: tuple[int, int, int], noise: float
) -> bool:
    """One episode; kept if it succeeds."""
    task, senses = env.task, StateSenses(env.task)
    generator = np.random.default_rng(start)
    observation, _ = env.reset(seed=int(generator.integers(2**31)))
    writer.begin(task="lift the cube" if task.spec.pick else "open the drawer")
    for _ in range(task.spec.horizon):
        action = expert(task)[0]
        pictures = {CAMERA: observation["image"][0]} if "image" in observation else {}
        extras = {PROPRIO: observation["proprio"][0], STATE: senses(_FIRST).proprio[0]}
        writer.add(
            Step(
                joints=task.joints[0],
                velocities=task.speeds[0],
                action=action,
                pictures=pictures,
                extras=extras,
            )
        )
        moved = action + generator.normal(0, noise, action.shape) if noise else action
        observation, _, terminated, truncated, info = env.step(moved[None])
        if info["success"][0] and not terminated[0]:
            writer.keep(success=True)
            return True
        if terminated[0] or truncated[0]:
            break
    writer.drop()
    return False


def _layout(env: MujocoVectorEnv) -> StepLayout:
    task = env.task
    image = env.single_observation_space.spaces.get("image")  # type: ignore[attr-defined]
    size = None if image is None or image.shape is None else (image.shape[0], image.shape[1])
    return StepLayout(
        fps=task.spec.control_hz,
        joints=joint_names(task),
        cameras={CAMERA: size} if size else {},
        velocities=True,
        actions=joint_names(task),
        extras={PROPRIO: proprio_names(task), STATE: StateSenses(task).names},
        robot=f"{task.spec.robot} ({task.spec.assets})",
    )

"""Experts are recorded, and what is recorded is what a policy of the task reads and learns."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from toto_bench.errors import RequestError
from toto_bench.robots.demonstrations import (
    WrongDemonstrationsError,
    frames_of,
    open_demonstrations,
    prepare_simulated,
    record_expert,
)
from toto_bench.robots.demonstrations.recording import STATE
from toto_bench.robots.env import MujocoVectorEnv, make_vector_env
from toto_bench.robots.experts import scripted_expert
from toto_bench.robots.learning.demonstrations import Aggregated
from toto_bench.robots.learning.fit import error_of, fit
from toto_bench.robots.learning.settings import Learning
from toto_bench.robots.policy import make_policy
from toto_bench.robots.tasks import ManipulationTask, make_task

TASKS = {"franka-pick": 9, "kuka-pick": 23, "franka-cabinet": 9, "kuka-cabinet": 23}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def blind(name: str) -> MujocoVectorEnv:
    return make_vector_env(name, 1, images=False)


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_recorded(name: str, tmp_path: Path) -> None:
    env = blind(name)
    assert record_expert(env, scripted_expert(env.task), tmp_path, episodes=1) == 1
    [episode] = open_demonstrations(tmp_path)
    assert episode.joints.shape[1] == episode.actions.shape[1] == TASKS[name]
    assert episode.success is True
    assert len(episode) < env.task.spec.horizon
    [rows] = prepare_simulated(open_demonstrations(tmp_path), env.task, looks=False).train
    # the recorded actions lead through the recorded states again
    replay(env, episode.actions, rows.state)


def replay(env: MujocoVectorEnv, actions: NDArray[np.float32], states: NDArray[np.float32]) -> None:
    """From the same start, the same actions give the same proprioception and success with the last of them."""
    generator = np.random.default_rng((0, 0, 0))
    observation, _ = env.reset(seed=int(generator.integers(2**31)))
    width = observation["proprio"].shape[1]
    for step, action in enumerate(actions):
        np.testing.assert_allclose(observation["proprio"][0], states[step, :width], atol=1e-4)
        observation, *_, info = env.step(action[None])
    assert info["success"][0]


def test_a_recording_is_continued_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    for folder, counts in (("once", (3,)), ("twice", (1, 3))):
        for count in counts:
            env = blind("franka-pick")
            record_expert(env, scripted_expert(env.task), tmp_path / folder, episodes=count, noise=0.1)
    once, twice = (open_demonstrations(tmp_path / folder) for folder in ("once", "twice"))
    assert len(once) == len(twice) == 3
    for one, two in zip(once, twice, strict=True):
        assert (one.actions == two.actions).all()
        assert (one.extras[STATE] == two.extras[STATE]).all()
    assert not np.array_equal(once[0].joints[0], once[1].joints[0])


def test_an_expert_that_fails_is_given_up(tmp_path: Path) -> None:
    env = blind("franka-pick")
    env.task.spec = env.task.spec.model_copy(update={"horizon": 3})

    def lazy(task: ManipulationTask) -> NDArray[np.float32]:
        return np.zeros((1, task.num_actions), np.float32)

    with pytest.raises(RequestError, match="failed from 20 starts in a row"):
        record_expert(env, lazy, tmp_path, episodes=1)
    with pytest.raises(RequestError, match="make one environment, not 2"):
        record_expert(make_vector_env("franka-pick", 2, images=False), lazy, tmp_path, episodes=1)


def test_a_policy_learns_from_what_was_recorded(tmp_path: Path) -> None:
    env = blind("franka-pick")
    record_expert(env, scripted_expert(env.task), tmp_path / "set", episodes=8)
    found = prepare_simulated(open_demonstrations(tmp_path / "set"), env.task, looks=False, held_out=0.25)
    train, held_out = frames_of(found.train), frames_of(found.held_out)
    policy = make_policy(found.policy_spec(None))
    before = [error_of(policy, part) for part in (train, held_out)]
    settings = Learning(steps=1, rounds=1, fit_steps=400, batch=64).training(0)
    fit(policy, Aggregated([train], 0), settings, tmp_path / "fit", "test")
    assert error_of(policy, train) < before[0] / 4
    assert error_of(policy, held_out) < before[1] * 0.8


def test_demonstrations_of_another_task_are_refused(tmp_path: Path) -> None:
    env = blind("franka-pick")
    record_expert(env, scripted_expert(env.task), tmp_path, episodes=1)
    found = open_demonstrations(tmp_path)
    with pytest.raises(WrongDemonstrationsError, match="holds no demonstrations of kuka-pick"):
        prepare_simulated(found, make_task("kuka-pick", 1), looks=False)
    with pytest.raises(WrongDemonstrationsError, match="no camera `wrist`"):
        prepare_simulated(found, env.task)


@pytest.mark.slow
def test_pictures_are_those_that_a_policy_sees_in_the_simulation(tmp_path: Path) -> None:
    env = make_vector_env("franka-pick", 1, image_size=96)
    record_expert(env, scripted_expert(env.task), tmp_path, episodes=1)
    found = open_demonstrations(tmp_path)
    [rows] = prepare_simulated(found, env.task).train
    [episode] = found
    observation, _ = env.reset(seed=int(np.random.default_rng((0, 0, 0)).integers(2**31)))
    for step in range(0, 30):
        picture = rows.cameras["wrist"][step].astype(int)
        assert np.abs(picture - observation["image"][0]).mean() < 3
        observation, *_ = env.step(episode.actions[step][None])

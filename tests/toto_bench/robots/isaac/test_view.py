"""The view has the shape and the reset of a VecTask."""

import numpy as np
import pytest
import torch

from toto_bench.errors import RequestError
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.isaac import IsaacGymView
from toto_bench.robots.tasks import make_task


def view(horizon: int = 3, **options: object) -> IsaacGymView:
    task = make_task("franka-pick", 2, horizon=horizon)
    env = MujocoVectorEnv(task, images=False, autoreset_mode="NextStep")
    return IsaacGymView(env, obs_key="proprio", **options)


def test_shapes_and_types_are_a_vectasks() -> None:
    task = view()
    assert (task.num_envs, task.num_acts, task.num_obs, task.num_states) == (2, 9, 18, 18)
    observation = task.reset()
    assert observation["obs"].shape == observation["states"].shape == (2, 18)
    observation, reward, ended, extras = task.step(torch.zeros(2, 9))
    assert observation["obs"].dtype == reward.dtype == torch.float32
    assert ended.dtype == torch.int64
    assert extras["time_outs"].dtype == torch.bool
    assert extras["successes"].tolist() == [0.0, 0.0]
    torch.testing.assert_close(task.get_state(), observation["states"])


def test_the_last_observation_is_shown_and_the_next_step_resets() -> None:
    task = view(3)
    task.reset()
    steps = [task.step(torch.zeros(2, 9)) for _ in range(4)]
    assert [step[2].tolist() for step in steps] == [[0, 0], [0, 0], [1, 1], [0, 0]]
    assert steps[2][3]["time_outs"].all()
    drift = (steps[2][0]["obs"] - steps[1][0]["obs"]).abs().max()
    jump = (steps[3][0]["obs"] - steps[2][0]["obs"]).abs().max()
    assert jump > 100 * drift
    assert steps[3][1].tolist() == [0.0, 0.0]


def test_a_fall_is_an_end_and_no_time_out() -> None:
    task = view(3)
    task.reset()
    task.env.unwrapped.task._cube[0, :3] = [0.5, 0.8, 0.37]
    _, _, ended, extras = task.step(torch.zeros(2, 9))
    assert ended.tolist() == [1, 0]
    assert extras["time_outs"].tolist() == [False, False]


def test_a_second_reset_changes_nothing_and_tensors_are_copies() -> None:
    task = view(10)
    first = task.reset()
    again = task.reset()
    torch.testing.assert_close(first["obs"], again["obs"])
    first["obs"].zero_()
    torch.testing.assert_close(task.reset()["obs"], again["obs"])


def test_reset_idx_starts_only_those() -> None:
    task = view(10)
    before = task.reset()["obs"]
    task.reset_idx(torch.tensor([1]))
    after = task.reset()["obs"]
    np.testing.assert_array_equal(before[0], after[0])
    assert not torch.equal(before[1], after[1])


def test_wrong_environments_are_told() -> None:
    env = MujocoVectorEnv(make_task("franka-pick", 1), images=False)
    with pytest.raises(RequestError, match="NextStep"):
        IsaacGymView(env)
    with pytest.raises(RequestError, match="no observation `depth`, only proprio"):
        view(state_key="depth")

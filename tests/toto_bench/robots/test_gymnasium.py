"""Gymnasium's own checks, wrappers and ways of running many environments, in every mode of starting anew."""

import warnings
from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import DictInfoToList, NormalizeReward, RecordEpisodeStatistics

from toto_bench.robots import IDS
from toto_bench.robots.autoreset import ENDINGS
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.single import MujocoEnv
from toto_bench.robots.tasks import make_task

NAME = "toto_bench/FrankaPick-v1"
MODES = list(AutoresetMode)


class Short(MujocoEnv):
    """Episodes of 17 steps."""

    def step(self, action: Any) -> Any:
        self._env.task.steps[:] += 30
        return super().step(action)


def leaves(value: Any) -> Iterator[Any]:
    """What a dictionary of dictionaries holds."""
    for each in value.values():
        yield from leaves(each) if isinstance(each, dict) else [each]


@pytest.mark.parametrize("name", IDS.values())
def test_it_passes_the_checker_and_the_passive_one(name: str) -> None:
    single = gymnasium.make(name, images=False)
    assert "PassiveEnvChecker" in str(single)
    with warnings.catch_warnings():
        warnings.filterwarnings("error")
        warnings.filterwarnings("ignore", message=".*infinity.*")
        check_env(single.unwrapped, skip_render_check=True)
        single.reset(seed=0)
        single.step(single.action_space.sample())
    single.close()


def test_pictures_pass_the_checker() -> None:
    env = gymnasium.make(NAME, image_size=16, render_backend="ray", render_mode="rgb_array")
    with warnings.catch_warnings():
        warnings.filterwarnings("error")
        warnings.filterwarnings("ignore", message=".*infinity.*")
        warnings.filterwarnings("ignore", message=".*fewer than 3 render modes.*")
        check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize("mode", MODES)
def test_it_is_made_and_wrapped_in_every_mode(mode: AutoresetMode) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("error")
        env = gymnasium.make_vec(NAME, num_envs=2, images=False, autoreset_mode=mode)
        wrapped = NormalizeReward(RecordEpisodeStatistics(env))
        observation, info = wrapped.reset(seed=0)
        assert observation in env.observation_space
        for _ in range(3):
            env.task.steps[:] = env.task.spec.horizon - 2
            for _ in range(2):
                observation, reward, terminated, truncated, info = wrapped.step(env.action_space.sample())
                assert observation in env.observation_space
            assert reward.dtype == np.float64
            assert truncated.all()
            assert not terminated.any()
            assert info["episode"]["l"].shape == (2,)
            if mode is AutoresetMode.DISABLED:
                wrapped.reset(options={"reset_mask": truncated.copy()})
            elif mode is AutoresetMode.NEXT_STEP:
                wrapped.step(env.action_space.sample())
    assert len(wrapped.env.return_queue) == 6
    wrapped.close()


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
def test_single_environments_in_a_row_do_and_say_the_same(mode: AutoresetMode) -> None:
    """Of gymnasium's own vector environment, over several episodes that end in different steps."""
    row = SyncVectorEnv([lambda: Short("franka-pick", images=False)] * 2, autoreset_mode=mode)
    env = MujocoVectorEnv(make_task("franka-pick", 2), images=False, autoreset_mode=mode)
    for each in (row, env):
        each.reset(seed=3)
    row.envs[1]._env.task.steps[:] = env.task.steps[1] = 150
    random, ends = np.random.default_rng(0), 0
    for _ in range(50):
        action = random.uniform(-1, 1, (2, 9)).astype(np.float32)
        env.task.steps[:] += 30
        *theirs, their_info = row.step(action)
        *ours, our_info = env.step(action)
        assert data_equivalence(theirs, ours, exact=True)
        done = ours[2] | ours[3]
        ends += done.sum()
        if mode is AutoresetMode.NEXT_STEP:
            assert data_equivalence(their_info, our_info)
        elif done.any():
            assert (their_info["_final_obs"] == our_info["_final_obs"]).all()
            for index in np.flatnonzero(done):
                assert data_equivalence(
                    their_info["final_obs"][index], our_info["final_obs"][index], exact=True
                )
                for name in ("success", "ending"):
                    assert their_info["final_info"][name][index] == our_info["final_info"][name][index]
    assert ends >= 4


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.DISABLED])
def test_everything_can_become_a_tensor(mode: AutoresetMode) -> None:
    """NumpyToTorch converts through DLPack, which knows numbers only; it cannot read gymnasium's own `final_obs`."""
    env = MujocoVectorEnv(make_task("franka-pick", 2, horizon=2), images=False, autoreset_mode=mode)
    env.reset(seed=0)
    for _ in range(2):
        observation, reward, terminated, truncated, info = env.step(np.zeros((2, 9)))
    assert [ENDINGS[code] for code in info["ending"]] == ["time", "time"]
    for value in (*leaves(observation), reward, terminated, truncated, *leaves(info)):
        np.testing.assert_array_equal(np.from_dlpack(value), value)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.DISABLED])
def test_numpy_to_torch(mode: AutoresetMode) -> None:
    """Where gymnasium's extra `torch` is installed."""
    pytest.importorskip("array_api_compat")
    import torch
    from gymnasium.wrappers.vector import NumpyToTorch

    env = NumpyToTorch(
        MujocoVectorEnv(make_task("franka-pick", 2, horizon=2), images=False, autoreset_mode=mode)
    )
    env.reset(seed=0)
    for _ in range(2):
        observation, reward, _, truncated, _ = env.step(torch.zeros(2, 9))
    assert isinstance(observation["proprio"], torch.Tensor)
    assert isinstance(reward, torch.Tensor)
    assert truncated.all()


def test_infos_become_a_list() -> None:
    env = DictInfoToList(MujocoVectorEnv(make_task("franka-pick", 2, horizon=3), images=False))
    env.reset(seed=0)
    for _ in range(3):
        infos = env.step(np.zeros((2, 9)))[-1]
    assert [info["final_info"]["ending"] for info in infos] == [ENDINGS.index("time")] * 2

"""The vector environment keeps gymnasium's rules."""

import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from toto_bench.robots.autoreset import ENDINGS
from toto_bench.robots.env import MujocoVectorEnv, make_vector_env
from toto_bench.robots.errors import ActionError, ResetNeededError
from toto_bench.robots.tasks import make_task
from toto_bench.simulation import backends
from toto_bench.simulation.errors import RenderingError


def short(horizon: int = 4, count: int = 2, **options: object) -> MujocoVectorEnv:
    """An environment whose episodes are over soon."""
    return MujocoVectorEnv(make_task("franka-pick", count, horizon=horizon), images=False, **options)


def zeros(env: MujocoVectorEnv) -> np.ndarray:
    return np.zeros(env.action_space.shape, dtype=np.float32)


def test_it_is_made_by_name() -> None:
    vector = gymnasium.make_vec("toto_bench/KukaPick-v1", num_envs=3, images=False)
    observation, _ = vector.reset(seed=0)
    assert observation in vector.observation_space
    assert (vector.num_envs, observation["proprio"].shape) == (3, (3, 46))


def test_pictures_of_the_ray_caster_are_in_the_space() -> None:
    env = make_vector_env("franka-cabinet", 2, image_size=16, render_backend="ray")
    observation, _ = env.reset(seed=0)
    assert observation in env.observation_space
    assert observation["image"].shape == (2, 16, 16, 3)
    assert observation["image"].std() > 5
    env.close()


def test_without_pictures_no_renderer_is_made() -> None:
    loaded = "OpenGL" in sys.modules
    env = short()
    env.reset(seed=0)
    env.step(zeros(env))
    assert env._observer.views._renderer is None
    assert ("OpenGL" in sys.modules) == loaded


def test_same_seed_same_episode_and_neighbours_do_not_matter() -> None:
    env, other = short(), short(count=1)
    first, _ = env.reset(seed=[3, 7])
    again, _ = env.reset(seed=[3, 7])
    alone, _ = other.reset(seed=7)
    np.testing.assert_array_equal(first["proprio"], again["proprio"])
    np.testing.assert_array_equal(first["proprio"][1], alone["proprio"][0])
    unlike, _ = env.reset()
    assert not np.array_equal(unlike["proprio"], first["proprio"])
    assert env.np_random_seed == (3, 7)


def test_same_step_hands_over_the_last_observation() -> None:
    env = short(3)
    env.reset(seed=0)
    for _ in range(2):
        env.step(zeros(env))
    joints = env.task.joints.copy()
    observation, _, terminated, truncated, info = env.step(zeros(env))
    assert truncated.all()
    assert not terminated.any()
    assert info["_final_obs"].all()
    assert info["final_info"]["ending"].tolist() == [ENDINGS.index("time")] * 2
    scaled = 2 * (joints[0] - env.task.low) / (env.task.high - env.task.low) - 1
    np.testing.assert_allclose(info["final_obs"][0]["proprio"][:9], scaled, atol=1e-3)
    assert not np.array_equal(info["final_obs"][0]["proprio"], observation["proprio"][0])
    assert env.task.steps.tolist() == [0, 0]


def test_next_step_resets_one_step_later() -> None:
    env = short(3, autoreset_mode=AutoresetMode.NEXT_STEP)
    env.reset(seed=0)
    flags = [env.step(zeros(env))[3].tolist() for _ in range(7)]
    assert flags == [[False] * 2] * 2 + [[True] * 2] + [[False] * 2] * 3 + [[True] * 2]


def test_disabled_waits_for_a_reset_of_those_that_ended() -> None:
    env = short(3, autoreset_mode="Disabled")
    env.reset(seed=0)
    env.step(zeros(env))
    env.reset(options={"reset_mask": np.array([True, False])})
    env.step(zeros(env))
    _, _, _, truncated, _ = env.step(zeros(env))
    assert truncated.tolist() == [False, True]
    with pytest.raises(ResetNeededError, match="Environment 1"):
        env.step(zeros(env))
    env.reset(options={"reset_mask": truncated})
    env.step(zeros(env))


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_an_unstable_simulation_ends_its_episode_and_the_run_goes_on(mode: AutoresetMode) -> None:
    env = MujocoVectorEnv(
        make_task("franka-pick", 3), image_size=8, render_backend="ray", autoreset_mode=mode
    )
    env.reset(seed=0)
    env.task.batch.bind("qvel")[1, 0] = np.inf
    observation, reward, terminated, truncated, info = env.step(zeros(env))
    assert terminated.tolist() == [False, True, False]
    assert not truncated.any()
    assert np.isfinite(reward).all()
    assert [ENDINGS[code] for code in info["ending"]] == ["", "unstable", ""]
    last = (
        info["final_obs"][1] if mode is AutoresetMode.SAME_STEP else {k: v[1] for k, v in observation.items()}
    )
    assert np.isfinite(last["proprio"]).all()
    assert not last["image"].any()
    if mode is AutoresetMode.DISABLED:
        env.reset(options={"reset_mask": terminated})
    elif mode is AutoresetMode.NEXT_STEP:
        env.step(zeros(env))
    for _ in range(3):
        observation, _, terminated, _, _ = env.step(zeros(env))
        assert not terminated.any()
    assert np.isfinite(observation["proprio"]).all()
    assert observation["image"][1].any()
    env.close()


def test_without_opengl_the_ray_caster_serves_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "probe", lambda backend: "there is no driver")
    backends._say_once.cache_clear()
    env = make_vector_env("franka-pick", 1, image_size=8)
    with pytest.warns(UserWarning, match="Neither EGL nor OSMesa works here.*apt install"):
        observation, _ = env.reset(seed=0)
    assert observation["image"].any()
    env.close()
    env = make_vector_env("franka-pick", 1, image_size=8, render_backend="egl")
    with pytest.raises(RenderingError, match=r"`egl` does not work here: there is no driver.*apt install"):
        env.reset(seed=0)


def test_wrong_actions_are_told() -> None:
    env = short()
    with pytest.raises(ResetNeededError, match="Environment 0"):
        env.step(zeros(env))
    env.reset(seed=0)
    with pytest.raises(ActionError, match=r"need \(2, 9\)"):
        env.step(np.zeros((2, 7)))
    action = zeros(env)
    action[1, 3] = np.nan
    with pytest.raises(ActionError, match="environment 1 is not finite"):
        env.step(action)
    with pytest.raises(ValueError, match="3 seeds for 2"):
        env.reset(seed=[1, 2, 3])
    with pytest.raises(ValueError, match="reset_mask"):
        env.reset(options={"reset_mask": np.zeros(2, dtype=bool)})

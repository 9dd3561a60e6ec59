"""Tasks that behave as Isaac Gym's, PixMC's and Isaac Lab's are vector environments."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode

from toto_bench.errors import RequestError
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.errors import ActionError
from toto_bench.robots.isaac import IsaacGymVectorEnv, IsaacGymView
from toto_bench.robots.tasks import make_task


class FakeVecTask:
    """Counts steps in live buffers; resets in the step after the end, as IsaacGymEnvs does."""

    num_envs, num_acts, rl_device = 3, 2, "cpu"

    def __init__(self, *, time_outs: bool = True) -> None:
        self.obs_buf = torch.zeros(3, 4)
        self.states_buf = torch.zeros(3, 5)
        self.progress = torch.zeros(3, dtype=torch.long)
        self.reset_buf = torch.ones(3, dtype=torch.long)
        self.time_outs = time_outs

    def reset(self) -> dict[str, torch.Tensor]:
        return {"obs": self.obs_buf, "states": self.states_buf}

    def step(self, actions: torch.Tensor):
        self.progress[self.reset_buf == 1] = 0
        self.progress += 1
        self.obs_buf[:, 0] = self.progress.float()
        dropped = (self.progress == 2) & torch.tensor([True, False, False])
        self.reset_buf = (dropped | (self.progress >= 4)).long()
        extras = {"successes": (self.progress == 3).float()}
        if self.time_outs:
            extras["time_outs"] = self.progress >= 4
        return {"obs": self.obs_buf, "states": self.states_buf}, actions.sum(1), self.reset_buf, extras


def test_ends_are_told_apart_and_buffers_are_cloned() -> None:
    env = IsaacGymVectorEnv(FakeVecTask())
    first, _ = env.reset()
    steps = [env.step(torch.ones(3, 2)) for _ in range(4)]
    assert first["obs"][:, 0].tolist() == [0, 0, 0]
    assert [step[0]["obs"][1, 0].item() for step in steps] == [1, 2, 3, 4]
    assert [step[0]["obs"][0, 0].item() for step in steps] == [1, 2, 1, 2]
    assert steps[1][2].tolist() == [True, False, False]
    assert steps[3][2].tolist() == [True, False, False]
    assert steps[3][3].tolist() == [False, True, True]
    assert steps[2][4]["success"].tolist() == [False, True, True]
    assert steps[0][1].tolist() == [2.0, 2.0, 2.0]
    assert env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP


def test_without_time_outs_every_end_is_an_end() -> None:
    env = IsaacGymVectorEnv(FakeVecTask(time_outs=False))
    env.reset()
    steps = [env.step(np.ones((3, 2))) for _ in range(4)]
    assert steps[3][2].all()
    assert not steps[3][3].any()


def test_pixmc_hands_over_bare_pixels_and_its_state_apart() -> None:
    pixels = torch.zeros(2, 3, 8, 8)
    task = SimpleNamespace(
        num_envs=2,
        num_actions=9,
        reset=lambda: pixels,
        get_state=lambda: torch.ones(2, 18),
        step=lambda actions: (pixels, torch.zeros(2), torch.zeros(2), {"successes": torch.zeros(2)}),
    )
    env = IsaacGymVectorEnv(task, image_key="obs")
    observation, *_ = env.step(torch.zeros(2, 9))
    assert {name: tuple(value.shape) for name, value in observation.items()} == {
        "obs": (2, 3, 8, 8),
        "image": (2, 3, 8, 8),
        "proprio": (2, 18),
    }
    assert env.single_observation_space["proprio"].shape == (18,)


def test_isaac_lab_gives_five_and_resets_at_once() -> None:
    ends = torch.tensor([True, False]), torch.tensor([False, True])
    task = SimpleNamespace(
        num_envs=2,
        num_actions=1,
        reset=lambda: ({"policy": torch.zeros(2, 3)}, {}),
        step=lambda actions: ({"policy": torch.zeros(2, 3)}, torch.zeros(2), *ends, {}),
    )
    env = IsaacGymVectorEnv(task, obs_key="policy", autoreset_mode="SameStep")
    env.reset()
    _, _, terminated, truncated, info = env.step(torch.zeros(2, 1))
    assert terminated.tolist() == [True, False]
    assert truncated.tolist() == [False, True]
    assert info == {}


def test_our_own_task_survives_the_way_there_and_back() -> None:
    mujoco = MujocoVectorEnv(make_task("franka-pick", 2, horizon=3), images=False, autoreset_mode="NextStep")
    env = IsaacGymVectorEnv(IsaacGymView(mujoco, obs_key="proprio"))
    env.reset()
    flags = [env.step(torch.zeros(2, 9))[3].tolist() for _ in range(4)]
    assert flags == [[False] * 2, [False] * 2, [True] * 2, [False] * 2]


def test_wrong_requests_are_told() -> None:
    env = IsaacGymVectorEnv(FakeVecTask())
    with pytest.raises(ActionError, match=r"\(3, 5\), not \(3, 2\)"):
        env.step(torch.zeros(3, 5))
    with pytest.raises(ActionError, match="not finite"):
        env.step(torch.full((3, 2), float("nan")))
    with pytest.raises(RequestError, match="no observation `rgb`, only obs, states"):
        IsaacGymVectorEnv(FakeVecTask(), image_key="rgb")
    with pytest.raises(RequestError, match="options"):
        env.reset(options={"reset_mask": np.ones(3, dtype=bool)})

"""Episodes depend on their seeds alone; what is counted is what happened."""

from pathlib import Path

import numpy as np
import pytest
import torch

from toto_bench.backbones.load import load_backbone
from toto_bench.errors import RequestError
from toto_bench.media.videos import describe_video
from toto_bench.robots.autoreset import ENDINGS
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.errors import ActionError
from toto_bench.robots.experts import run_expert, scripted_expert
from toto_bench.robots.floors import StillActor
from toto_bench.robots.learning import StateSenses
from toto_bench.robots.learning.evaluate import SensingActor
from toto_bench.robots.policy import ActionSpec, CameraSpec, Policy, PolicySpec, make_policy, readout_of
from toto_bench.robots.rollout import rollout
from toto_bench.robots.rollout_video import EpisodeVideos
from toto_bench.robots.tasks import make_task
from toto_bench.robots.views import Views


def env_of(count: int, horizon: int = 12, *, images: bool = False, **changes: object) -> MujocoVectorEnv:
    task = make_task("franka-pick", count, horizon=horizon, **changes)
    return MujocoVectorEnv(
        task, images=images, image_size=16, autoreset_mode="Disabled", render_backend="ray"
    )


def policy_of(chunk: int = 1, **changes: object) -> Policy:
    spec = PolicySpec(
        proprio=tuple(f"p{number}" for number in range(18)),
        action=ActionSpec(kind="joint-target-delta", names=tuple(f"j{number}" for number in range(9))),
        rate_hz=60.0,
        chunk=chunk,
    )
    policy = make_policy(spec.model_copy(update=changes), seed=1)
    with torch.no_grad():
        policy.head.mlp[-1].weight.mul_(300)
    return policy


@pytest.mark.parametrize("chunk", [1, 5])
def test_how_many_run_together_changes_nothing(chunk: int) -> None:
    policy = policy_of(chunk)
    alone, three, five = (rollout(policy, env_of(count), 5, seeds=20) for count in (1, 3, 5))
    assert alone == three == five
    assert [episode.seed for episode in alone.episodes] == [20, 21, 22, 23, 24]
    assert len(set(alone.returns.tolist())) == 5
    again = rollout(policy, env_of(2), 2, seeds=[24, 20])
    assert again.episodes == (alone.episodes[4], alone.episodes[0])


def test_what_is_counted_is_what_the_environment_says() -> None:
    policy, env = policy_of(), env_of(1)
    found = rollout(policy, env, 1, seeds=3).episodes[0]
    observation, _ = env.reset(seed=3)
    total, steps, over = 0.0, 0, False
    while not over:
        chunk = policy.act_batch({}, observation["proprio"])
        observation, reward, terminated, truncated, info = env.step(chunk[:, 0])
        total, steps, over = total + reward[0], steps + 1, bool(terminated[0] | truncated[0])
    assert (found.steps, found.ending, found.success) == (steps, ENDINGS[info["ending"][0]], False)
    assert found.steps_to_success is None
    assert found.total_reward == pytest.approx(total)


def test_a_plan_is_followed_to_its_end_before_the_policy_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy, asked = policy_of(chunk=5), []
    act = policy.act_batch
    monkeypatch.setattr(
        policy, "act_batch", lambda images, proprio: asked.append(len(proprio)) or act(images, proprio)
    )
    rollout(policy, env_of(2, horizon=12), 3, seeds=0)
    assert asked == [2, 2, 2, 1, 1, 1]


def test_planned_actions_are_taken_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    policy, env, taken = policy_of(chunk=3), env_of(1, horizon=7), []
    plan = np.repeat([[[0.1], [0.2], [0.3]]], 9, axis=2).astype(np.float32)
    monkeypatch.setattr(policy, "act_batch", lambda images, proprio: plan)
    step = env.step
    monkeypatch.setattr(env, "step", lambda actions: taken.append(float(actions[0, 0])) or step(actions))
    rollout(policy, env, 1)
    assert taken == pytest.approx([0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.1])


def test_a_policy_on_the_state_is_told_how_it_is_played() -> None:
    env = env_of(1, horizon=3)
    names = StateSenses(env.task).names
    policy = policy_of(proprio=names)
    with pytest.raises(RequestError, match=r"18 here, \d+ for the policy.*`SensingActor`"):
        rollout(policy, env, 1)
    actor = SensingActor(
        StateSenses(env.task), lambda sensed: policy.act_features(None, sensed.proprio)[:, 0]
    )
    assert rollout(actor, env, 1).episodes[0].steps == 3


def test_an_experts_episodes_succeed_and_can_stop_there() -> None:
    env = env_of(4, horizon=500)
    expert = scripted_expert(env.task)
    stopped = rollout(expert, env, 6, seeds=0, stop_at_success=True)
    report = run_expert(expert, env.task, 6)
    assert stopped.successes.sum() == report.successes >= 5
    assert stopped.success_rate == report.rate
    won = [episode for episode in stopped.episodes if episode.success]
    assert sorted(episode.steps for episode in won) == sorted(report.steps)
    assert {episode.ending for episode in won} == {"success"}
    assert all(episode.steps_to_success == episode.steps for episode in won)
    whole = rollout(expert, env, 2, seeds=0)
    assert whole.successes.tolist() == stopped.successes[:2].tolist()
    assert (whole.lengths >= stopped.lengths[:2]).all()
    assert "success" not in {episode.ending for episode in whole.episodes}


def test_an_episode_that_goes_on_after_its_success_keeps_the_step_of_the_first() -> None:
    """The cube starts where it is to be lifted to: the goal is held from the first step on."""
    env = env_of(2, 20, goal_height=0.4225, goal_tolerance=0.05)
    for episode in rollout(StillActor(env.task), env, 3).episodes:
        assert (episode.success, episode.ending, episode.steps) == (True, "time", 20)
        assert episode.steps_to_success == env.task.spec.success_hold


def test_chosen_episodes_are_filmed(tmp_path: Path) -> None:
    with EpisodeVideos(tmp_path, [1, 2], size=32, backend="ray") as videos:
        found = rollout(policy_of(), env_of(2, horizon=9), 3, videos=videos)
    assert found == rollout(policy_of(), env_of(2, horizon=9), 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["episode-001.mp4", "episode-002.mp4"]
    info = describe_video(videos.written[2])
    assert (info.frames, info.fps) == (-(-int(found.lengths[2]) // 2) + 1, 30)


def test_what_the_policy_sees_is_shown_beside(tmp_path: Path) -> None:
    env = env_of(1, horizon=4)
    seen = Views(env.task, 16, "ray")
    with EpisodeVideos(tmp_path, [0], size=32, backend="ray", beside=seen) as videos:
        rollout(policy_of(), env, 1, videos=videos)
    info = describe_video(videos.written[0])
    assert (info.height, info.width) == (32, 64)


def test_anyone_can_act_and_ends_are_told() -> None:
    env, told = env_of(2, horizon=6), []
    found = rollout(StillActor(env.task), env, 3, seeds=4, finished=told.append)
    assert sorted(told, key=lambda episode: episode.seed) == list(found.episodes)
    assert [episode.seed for episode in found.episodes] == [4, 5, 6]
    env.task.reset(np.ones(2, dtype=bool), [np.random.default_rng(seed) for seed in (4, 5)])
    starts = [list(episode.start) for episode in found.episodes[:2]]
    np.testing.assert_array_equal(starts, env.task.privileged()["cube"][:, :3])


def test_pictures_reach_a_policy_with_a_camera() -> None:
    read = load_backbone("pixels")
    spec = policy_of().spec.model_copy(
        update={
            "cameras": (CameraSpec(name="wrist", height=16, width=16),),
            "readout": readout_of(read, layer=1, resolution=16),
        }
    )
    policy = make_policy(spec, read)
    with torch.no_grad():
        policy.head.mlp[-1].weight.mul_(300)
    one, two = (rollout(policy, env_of(count, horizon=4, images=True), 2) for count in (1, 2))
    assert one == two
    blind = make_policy(spec, read)
    blind.head.load_state_dict(policy.head.state_dict())
    with torch.no_grad():
        blind.head.see.weight.zero_()
    assert rollout(blind, env_of(1, horizon=4, images=True), 2) != one
    with pytest.raises(RequestError, match=r"pictures of camera `wrist`: None here, \(16, 16, 3\)"):
        rollout(policy, env_of(1), 1)


def test_wrong_requests_are_told() -> None:
    policy = policy_of()
    with pytest.raises(RequestError, match='autoreset_mode="Disabled"'):
        rollout(policy, MujocoVectorEnv(make_task("franka-pick", 1), images=False), 1)
    with pytest.raises(RequestError, match="3 seeds for 2 episodes"):
        rollout(policy, env_of(1), 2, seeds=[1, 2, 3])
    with pytest.raises(RequestError, match="not 0"):
        rollout(policy, env_of(1), 0)
    with pytest.raises(RequestError, match=r"actions per second: 60.0 here, 10.0 for the policy"):
        rollout(policy_of(rate_hz=10.0), env_of(1), 1)
    kuka = MujocoVectorEnv(make_task("kuka-pick", 1), images=False, autoreset_mode="Disabled")
    with pytest.raises(RequestError, match="numbers of an action: 23 here, 9 for the policy"):
        rollout(policy, kuka, 1)
    with torch.no_grad():
        policy.head.mlp[0].weight[0, 0] = float("nan")
    with pytest.raises(ActionError, match="not finite"):
        rollout(policy, env_of(1), 1)

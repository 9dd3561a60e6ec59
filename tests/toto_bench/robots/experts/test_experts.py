"""Scripted experts succeed, also off their own track, and remember nothing."""

import mujoco
import numpy as np
import pytest

from toto_bench.errors import RequestError
from toto_bench.robots.errors import ActionError
from toto_bench.robots.experts import ExpertReport, run_expert, scripted_expert
from toto_bench.robots.experts.arm import axes, turn_to, velocity_to
from toto_bench.robots.spec import TASKS
from toto_bench.robots.tasks import make_task


@pytest.mark.parametrize("name", TASKS)
def test_expert_succeeds_off_its_track(name: str) -> None:
    """With PixMC's ranges and early ends on, and noise on the actions."""
    task = make_task(name, 10)
    report = run_expert(scripted_expert(task), task, 10, noise=0.2, seed=500)
    assert report.successes >= 9, report.text()


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_expert_succeeds_over_a_hundred_episodes(name: str, noise: float) -> None:
    task = make_task(name, 25)
    report = run_expert(scripted_expert(task), task, 100, noise=noise, seed=1000)
    assert report.rate >= 0.95, report.text()


@pytest.mark.parametrize("name", TASKS)
def test_expert_is_a_function_of_the_state(name: str) -> None:
    """One that has acted and one that has never been asked say the same."""
    task = make_task(name, 2)
    used = scripted_expert(task)
    task.reset(np.ones(2, dtype=bool), [np.random.default_rng(index) for index in range(2)])
    for _ in range(70):
        task.step(used(task))
    action = used(task)
    np.testing.assert_array_equal(action, used(task))
    np.testing.assert_array_equal(action, scripted_expert(task)(task))
    assert action.dtype == np.float32
    assert np.abs(action).max() <= 1


def test_franka_pick_expert_does_not_change_its_mind_while_the_hand_turns() -> None:
    """Which faces the fingers take hardly depends on the present turn: a policy cannot learn a sudden change."""
    task = make_task("franka-pick", 64, initial_joints=[0, -0.3, 0, -2.2, 0, 2, 0.785, 0.035, 0.035])
    expert = scripted_expert(task)
    task.reset(np.ones(64, dtype=bool), [np.random.default_rng(0) for _ in range(64)])
    last = np.linspace(-0.8, 2.3, 64)  # three quarters of the turns that look alike to a gripper
    task.batch.bind("qpos")[:, task.q_index[6]] = last
    task.targets[:, 6] = last
    task.batch.forward(stage=mujoco.mjtStage.mjSTAGE_POS.value)
    assert np.abs(np.diff(expert(task), axis=0)).max() < 0.5


def test_an_idle_policy_fails_every_episode() -> None:
    """The report can say that nothing works."""
    task = make_task("franka-pick", 4, horizon=20)
    report = run_expert(lambda task: np.zeros((4, 9), dtype=np.float32), task, 6)
    assert report.successes == 0
    assert report.endings == {"time": 6}
    assert sorted(report.failed) == list(range(6))
    assert "0.0 % of 6 episodes" in report.text()


def test_the_report_does_not_depend_on_how_many_run_together() -> None:
    reports = []
    for count in (1, 3):
        task = make_task("franka-pick", count, horizon=130)
        reports.append(run_expert(scripted_expert(task), task, 4, noise=0.2, seed=30))
    assert reports[0] == reports[1]
    assert reports[0].steps
    assert reports[0].failed
    assert reports[0].endings == {"time": len(reports[0].failed)}


def test_the_report_has_interval_and_percentiles() -> None:
    report = ExpertReport(
        "franka-pick", 10, 0.0, 8, {"time": 2}, (100, 110, 120, 130, 140, 150, 160, 170), (3, 4)
    )
    assert report.interval == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert report.percentile(50) == 135
    assert ExpertReport("franka-pick", 1, 0.0, 0, {"time": 1}, (), (0,)).percentile(50) is None


def test_an_expert_refuses_another_task() -> None:
    task = make_task("franka-cabinet", 1)
    with pytest.raises(TypeError, match="lifts cubes"):
        from toto_bench.robots.experts.franka_pick import FrankaPickExpert

        FrankaPickExpert(task)


def test_turn_leads_from_one_frame_to_another() -> None:
    present = axes(np.array([[0.0, 0, -1]]), np.array([[0.0, 1, 0]]))
    wanted = axes(np.array([[0.0, 0, -1]]), np.array([[1.0, 0, 0]]))
    turn = turn_to(present, wanted)
    np.testing.assert_allclose(turn, [[0, 0, -np.pi / 2]], atol=1e-9)
    assert np.linalg.det(present[0]) == pytest.approx(1)


def test_velocity_is_limited_in_length() -> None:
    velocity = velocity_to(np.array([[3.0, 4.0, 0.0], [0.01, 0, 0]]), 5.0, 0.5)
    np.testing.assert_allclose(velocity, [[0.3, 0.4, 0], [0.05, 0, 0]])


@pytest.mark.parametrize("noise", [float("nan"), float("inf"), -0.1])
def test_noise_that_is_no_spread_is_refused(noise: float) -> None:
    task = make_task("franka-pick", 1)
    with pytest.raises(RequestError, match="standard deviation"):
        run_expert(scripted_expert(task), task, 1, noise=noise)


def test_an_expert_whose_actions_are_not_finite_is_refused() -> None:
    """Another expert may be plugged in; the environments that are done are not asked for."""
    task = make_task("franka-pick", 3, horizon=4)

    def diverged(own: object) -> np.ndarray:
        action = np.zeros((3, task.num_actions), dtype=np.float32)
        action[2] = np.nan
        return action

    with pytest.raises(ActionError, match="not finite"):
        run_expert(diverged, task, 3)
    assert run_expert(diverged, task, 2).endings == {"time": 2}

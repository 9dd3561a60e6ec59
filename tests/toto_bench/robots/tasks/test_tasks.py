"""Episodes start, count and end as PixMC's do."""

import numpy as np
import pytest

from toto_bench.errors import RequestError
from toto_bench.robots.errors import AssetsNameError
from toto_bench.robots.spec import TASKS, SceneSpec
from toto_bench.robots.tasks import CabinetTask, ManipulationTask, PickTask, make_task


def fresh(
    name: str, count: int = 2, *, seed: int = 0, threads: int = 1, **changes: object
) -> ManipulationTask:
    task = make_task(name, count, threads=threads, **changes)
    restart(task, seed)
    return task


def restart(task: ManipulationTask, seed: int) -> None:
    generators = [np.random.default_rng(seed + index) for index in range(task.num_envs)]
    task.reset(np.ones(task.num_envs, dtype=bool), generators)


def idle(task: ManipulationTask) -> np.ndarray:
    return np.zeros((task.num_envs, task.num_actions))


@pytest.mark.parametrize(
    ("name", "proprio", "actions"),
    [("franka-pick", 18, 9), ("kuka-pick", 46, 23), ("franka-cabinet", 18, 9), ("kuka-cabinet", 46, 23)],
)
def test_sizes_are_pixmcs(name: str, proprio: int, actions: int) -> None:
    task = fresh(name)
    assert task.proprio().shape == (2, proprio)
    assert task.proprio().dtype == np.float32
    assert task.num_actions == actions


def test_starts_fill_pixmcs_ranges() -> None:
    task = fresh("franka-pick", 200)
    assert isinstance(task, PickTask)
    cube = task.cube
    assert (np.abs(cube[:, :2] - [0.5, 0.0]) <= [0.1, 0.2]).all()
    assert (np.ptp(cube[:, :2], axis=0) > [0.18, 0.36]).all()
    np.testing.assert_array_equal(cube[:, 2:], np.tile([0.4225, 1, 0, 0, 0], (200, 1)))
    offset = task.joints[:, :7] - np.array(task.spec.initial_joints[:7])
    assert np.abs(offset).max() <= 0.125
    assert np.abs(offset).max() > 0.12
    assert ((task.joints[:, 7:] >= 0) & (task.joints[:, 7:] <= 0.04)).all()


def test_cabinet_moves_with_its_drawer_and_props() -> None:
    task = fresh("franka-cabinet", 100)
    assert isinstance(task, CabinetTask)
    centre = np.array([0.05 + 0.0515 + 0.305, 0.0, 0.45 + 0.3172 + 0.01])
    offset = task.handle - centre
    assert (np.abs(offset) <= [0.075 + 1e-9, 0.075 + 1e-9, 0.05 + 1e-9]).all()
    assert (np.ptp(offset, axis=0) > [0.13, 0.13, 0.09]).all()
    for _ in range(10):
        task.step(idle(task))
    props = task.batch.joint("prop2").qpos[:, :3]
    np.testing.assert_allclose(props - task.handle, np.tile((props - task.handle)[0], (100, 1)), atol=2e-3)


def test_targets_accumulate_and_stop_at_the_limits() -> None:
    task = fresh("franka-pick")
    before = task.targets.copy()
    action = idle(task)
    action[0, 0], action[0, 7], action[1, 1] = 1.0, -3.0, 0.5
    task.step(action)
    moved = task.targets - before
    assert moved[0, 0] == pytest.approx(0.125)
    assert moved[1, 1] == pytest.approx(0.0625)
    assert moved[0, 7] == pytest.approx(max(-0.0125, -before[0, 7]))
    action[:] = 1.0
    for _ in range(60):
        task.step(action)
    np.testing.assert_allclose(task.targets, np.tile(task.high, (2, 1)))


def test_success_needs_ten_steps_in_a_row_and_stays() -> None:
    task = fresh("franka-pick", 2)
    assert isinstance(task, PickTask)
    successes = []
    for step in range(30):
        task._cube[:, 2] = 0.75
        task.batch.bind("qvel")[:] = 0
        if step == 5:
            task._cube[1, 2] = 0.5
        if step >= 20:
            task._cube[:, 2] = 0.55
        successes.append(task.step(idle(task)).success)
    assert [row[0] for row in successes].index(True) == 9
    assert [row[1] for row in successes].index(True) == 15
    assert successes[-1].all()


def test_a_fallen_cube_ends_the_episode() -> None:
    task = fresh("franka-pick", 2)
    assert isinstance(task, PickTask)
    task._cube[0, :3] = [0.5, 0.8, 0.37]
    result = task.step(idle(task))
    assert result.terminated.tolist() == [True, False]
    assert result.ending.tolist() == ["dropped", ""]


def test_an_arm_that_hits_the_table_ends_the_episode() -> None:
    task = fresh("franka-pick", 1, initial_noise=0.0)
    action = idle(task)
    action[0, 1], action[0, 3] = 1.0, -0.2
    endings = [task.step(action).ending[0] for _ in range(120)]
    assert "contact" in endings


def test_time_ends_an_episode_as_truncation() -> None:
    task = fresh("kuka-pick", 1, horizon=5)
    results = [task.step(idle(task)) for _ in range(5)]
    assert [bool(result.truncated[0]) for result in results] == [False] * 4 + [True]
    assert not results[-1].terminated[0]
    assert results[-1].ending[0] == "time"


def test_what_goes_wrong_in_the_last_step_is_no_lack_of_time() -> None:
    """Value estimates go on after a truncation, not after a fall."""
    task = fresh("franka-pick", 2, horizon=1)
    assert isinstance(task, PickTask)
    task._cube[0, :3] = [0.5, 0.8, 0.37]
    result = task.step(idle(task))
    assert (result.terminated.tolist(), result.truncated.tolist()) == ([True, False], [False, True])
    assert result.ending.tolist() == ["dropped", "time"]


def test_the_least_touch_of_the_arm_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than 1 N, PixMC's limit, on any link."""
    task = fresh("franka-pick", 3)
    forces = np.zeros((3, 8))
    forces[1, 5], forces[2, 2] = 1.0, 1.001
    monkeypatch.setattr(task, "_forces", lambda: forces)
    assert task.step(idle(task)).ending.tolist() == ["", "", "contact"]


def test_a_simulation_out_of_hand_is_marked_and_the_others_go_on() -> None:
    task = fresh("franka-pick", 3)
    task.batch.bind("qvel")[1, 0] = np.nan
    result = task.step(idle(task))
    assert result.ending.tolist() == ["", "unstable", ""]
    assert np.isfinite(result.reward).all()
    assert np.isfinite(task.proprio()).all()
    restart(task, 5)
    assert task.step(idle(task)).ending.tolist() == ["", "", ""]


@pytest.mark.parametrize("name", TASKS)
def test_results_do_not_depend_on_threads_or_neighbours(name: str) -> None:
    one, two, alone = fresh(name, 3, threads=1), fresh(name, 3, threads=2), fresh(name, 1, seed=2)
    noise = np.random.default_rng(1)
    for _ in range(20):
        action = noise.uniform(-1, 1, (3, one.num_actions))
        one.step(action)
        two.step(action)
        alone.step(action[2:])
    np.testing.assert_array_equal(one.batch.state, two.batch.state)
    np.testing.assert_array_equal(one.batch.state[2], alone.batch.state[0])


def test_reward_grows_with_the_drawer() -> None:
    task = fresh("franka-cabinet", 2)
    assert isinstance(task, CabinetTask)
    first = task.step(idle(task)).reward
    task._drawer[0] = 0.35
    gained = task.step(idle(task)).reward - first
    assert gained[0] == pytest.approx(1 + 6 * 0.35 + 1, abs=0.4)
    assert abs(gained[1]) < 0.05


def test_a_cube_counts_up_to_the_tolerance_and_earns_more_near_the_goal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = fresh("franka-pick", 4)
    task._cube[:, 2] = [0.69, 0.71, 0.89, 0.91]
    assert task._reached().tolist() == [False, True, True, False]
    task._cube[:, 2] = [0.4225, 0.5, 0.75, 0.77]
    monkeypatch.setattr(PickTask, "tips", property(lambda self: np.tile(self.cube[:, None, :3], (1, 2, 1))))
    held = 2 * 0.08 / (0.04 + 0.02)
    gains = [0, 2 + 1.28 / 0.34, 2 + 1.28 / 0.09, 2 + 1.28 / 0.07 + 2]
    assert task._reward() == pytest.approx([held + gain for gain in gains])


def test_speeds_are_a_tenth_in_the_proprioception() -> None:
    task = fresh("franka-pick")
    task._qvel[:, task.v_index] = 3.0
    assert task.proprio()[:, 9:] == pytest.approx(0.3)


def test_a_drawer_counts_from_its_opening_on_and_with_the_franka_only_in_both_fingers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kuka, franka = fresh("kuka-cabinet"), fresh("franka-cabinet", 3)
    kuka._drawer[:] = [0.319, 0.321]
    assert kuka._reached().tolist() == [False, True]
    franka._drawer[:] = [0.319, 0.321, 0.321]
    monkeypatch.setattr(franka, "_distances", lambda: np.array([[0.03, 0.03], [0.03, 0.03], [0.03, 0.05]]))
    assert franka._reached().tolist() == [False, True, False]


def test_fingers_around_the_bar_earn_more_with_the_drawer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above and below the bar, both above it, and around it but not both near."""
    task = fresh("franka-cabinet", 3)
    task._drawer[:] = 0.2
    ways = np.zeros((3, 2, 3))
    ways[:, :, 2] = [[0.02, -0.03], [0.02, 0.03], [0.02, -0.05]]
    monkeypatch.setattr(CabinetTask, "tips", property(lambda self: self.handle[:, None] + ways))
    near = [0.06 / (0.016 + distance) for distance in (0.02, 0.03, 0.05)]
    opened = 1 + 6 * 0.2
    assert task._reward() == pytest.approx(
        [
            near[0] + near[1] + opened + 0.5 + 3 * 0.2,
            near[0] + near[1] + opened,
            near[0] + near[2] + opened + 0.5,
        ]
    )


def test_wrong_names_are_told() -> None:
    with pytest.raises(AssetsNameError, match="choose one of franka-pick"):
        make_task("franka-push", 1)
    with pytest.raises(AssetsNameError, match="no value `horizont`"):
        SceneSpec.from_card("franka-pick", horizont=3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"initial_joints": (0.0, 0.0)}, "names 2 joints, and `robot = franka` has 9"),
        ({"robot": "kuka-allegro"}, "names 9 joints, and `robot = kuka-allegro` has 23"),
        ({"control_hz": 70}, "no multiple of `control_hz` = 70"),
        ({"physics_hz": 30}, "no multiple of `control_hz` = 60"),
    ],
    ids=str,
)
def test_values_that_do_not_go_together_are_told(changes: dict[str, object], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        make_task("franka-pick", 1, **changes)

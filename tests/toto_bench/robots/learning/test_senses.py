"""What the upper anchor is shown."""

import mujoco
import numpy as np
import pytest

from toto_bench.robots.learning import StateSenses
from toto_bench.robots.learning.senses import HAND, WAYS
from toto_bench.robots.tasks import ManipulationTask, make_task

ALL = np.arange(3)


def started(name: str) -> tuple[ManipulationTask, StateSenses]:
    task = make_task(name, 3)
    senses = StateSenses(task)
    task.reset(np.ones(3, bool), [np.random.default_rng(seed) for seed in range(3)])
    return task, senses


def part(senses: StateSenses, name: str) -> np.ndarray:
    """The numbers of a name, of all environments."""
    places = [place for place, own in enumerate(senses.names) if own.rpartition("_")[0] == name]
    return senses(ALL).proprio[:, places]


@pytest.mark.parametrize("name", ["franka-pick", "kuka-cabinet"])
def test_axes_of_the_hand_are_those_of_the_present_state(name: str) -> None:
    task, senses = started(name)
    data = mujoco.MjData(task.model)
    for _ in range(2):
        for index in ALL:
            task.batch.get_data(index, data)
            mujoco.mj_kinematics(task.model, data)
            wanted = data.body(task.robot.hand).xmat
            np.testing.assert_allclose(part(senses, HAND)[index], wanted, atol=1e-6)
        before = part(senses, HAND)
        task.step(np.ones((3, task.num_actions)))
        assert np.abs(part(senses, HAND) - before).max() > 1e-3


def test_ways_lead_from_fingertips_to_the_thing() -> None:
    task, senses = started("franka-pick")
    ways = part(senses, WAYS).reshape(3, 2, 3)
    np.testing.assert_allclose(task.tips + ways, task.cube[:, None, :3].repeat(2, 1), atol=1e-6)


def test_some_environments_are_rows_of_all() -> None:
    _, senses = started("franka-pick")
    chosen = senses(np.array([2, 0])).proprio
    assert chosen.dtype == np.float32
    assert chosen.shape == (2, len(senses.names))
    np.testing.assert_array_equal(chosen, senses(ALL).proprio[[2, 0]])

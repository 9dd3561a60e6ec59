"""What the upper anchor is shown."""

import numpy as np

from toto_bench.robots.learning import StateSenses
from toto_bench.robots.learning.senses import WAYS
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

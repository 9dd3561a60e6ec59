"""Who acts without having learnt anything: nobody, and chance."""

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.acting import Batch
from toto_bench.robots.tasks import ManipulationTask

_OF_ACTIONS = 1
"""Keeps the stream of random actions apart from that of starts."""


class StillActor:
    """A floor: the targets stay where they are."""

    def __init__(self, task: ManipulationTask) -> None:
        self._width = task.num_actions

    def restart(self, index: int, seed: int) -> None:
        """Nothing."""

    def act(self, observation: Batch, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """No action: [n, A]."""
        del observation
        return np.zeros((len(ids), self._width), dtype=np.float32)


class RandomActor:
    """A floor: uniform actions, of each episode its own."""

    def __init__(self, task: ManipulationTask, seed: int) -> None:
        self._width, self._seed = task.num_actions, seed
        self._random: dict[int, np.random.Generator] = {}

    def restart(self, index: int, seed: int) -> None:
        """Draw anew for this episode."""
        self._random[index] = np.random.default_rng((seed, self._seed, _OF_ACTIONS))

    def act(self, observation: Batch, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Actions in [-1, 1]: [n, A]."""
        del observation
        rows = [self._random[index].uniform(-1, 1, self._width) for index in ids.tolist()]
        return np.array(rows, dtype=np.float32)

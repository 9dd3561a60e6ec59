"""What an expert is."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.tasks import ManipulationTask


class Expert(Protocol):
    """Says what to do in any state, however it came about: DAgger asks it in states the policy led to.

    It is a function of the simulator's state (joints, speeds, servo targets, things) and remembers nothing.
    """

    def __call__(self, task: ManipulationTask) -> NDArray[np.float32]:
        """Actions [N, A] in [-1, 1] for the present state of every environment."""
        ...

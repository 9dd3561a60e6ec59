"""Where the thing is that a task is about."""

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.tasks import ManipulationTask


def thing_of(task: ManipulationTask) -> NDArray[np.float64]:
    """Where the cube or the handle is: [N, 3], m."""
    state = task.privileged()
    thing = state["cube"] if "cube" in state else state["handle"]
    return np.array(thing[:, :3])

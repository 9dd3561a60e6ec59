"""What drivers share: waiting in the time of their clock, and commands that no arm can follow."""

from collections.abc import Callable

import numpy as np

from toto_bench.deploy.clock import Clock
from toto_bench.deploy.limits import FR3, JOINTS, JointRange
from toto_bench.deploy.types import Command

TICK = 0.02
"""s between two looks at an arm that is waited for."""


def wait_for(done: Callable[[], bool], clock: Clock, timeout: float) -> bool:
    """Look again and again; False where it is not done after `timeout` seconds. At least one look is taken."""
    end = clock.now() + timeout
    while not done():
        if (now := clock.now()) >= end:
            return False
        clock.sleep_until(min(now + TICK, end))
    return True


def problem_of(command: Command, position: JointRange = FR3.position) -> str | None:
    """Why no arm with these ranges can follow a command; None where it can. The guard lets no such command pass."""
    q = np.asarray(command.q, dtype=np.float64)
    if q.shape != (JOINTS,) or not np.isfinite(q).all():
        return f"the target is not {JOINTS} finite numbers: {q.tolist()}"
    if position.outside(q).any():
        return f"the target is outside the arm's range: {np.round(q, 3).tolist()} rad"
    if command.gripper is not None and not 0 <= command.gripper <= 1:
        return f"the gripper's opening is {command.gripper}, outside [0, 1]"
    return None

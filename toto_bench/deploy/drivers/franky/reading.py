"""A state of franky, in our words."""

from collections.abc import Hashable
from functools import cache
from typing import Any

import numpy as np

from toto_bench.deploy.types import RobotMode, RobotState

_MODES = {
    "Idle": RobotMode.IDLE,
    "Move": RobotMode.MOVE,
    "Guiding": RobotMode.GUIDING,
    "Reflex": RobotMode.REFLEX,
    "UserStopped": RobotMode.USER_STOPPED,
    "AutomaticErrorRecovery": RobotMode.RECOVERY,
}


def reading_of(state: Any, gripper: float, received: float) -> RobotState:
    """The reading.

    Args:
        state: a `franky.RobotState`.
        gripper: opening, 0 to 1.
        received: when the state arrived, s.
    """
    errors = state.current_errors
    kind: Any = type(errors)
    return RobotState(
        q=np.array(state.q, dtype=np.float64),
        dq=np.array(state.dq, dtype=np.float64),
        gripper=gripper,
        clock=float(state.time.to_sec()),
        received=received,
        mode=_MODES.get(state.robot_mode.name, RobotMode.OTHER),
        errors=tuple(name for name in _names(kind) if getattr(errors, name) is True),
    )


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(name for name in dir(kind) if not name.startswith("_"))

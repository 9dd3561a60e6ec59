"""How fast a policy wants to move, from what its demonstrations were like."""

import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.limits import JOINTS
from toto_bench.robots.policy import PolicySpec

_SPREAD = 2.0
"""Standard deviations: what all but few steps of the demonstrations stay below."""


def needed_speed(spec: PolicySpec) -> NDArray[np.float64] | None:
    """rad/s of each joint [7] that all but few of a policy's steps stay below; None where its spec does not say it."""
    action = spec.action
    if action.kind == "joint-position" or action.statistics is None:
        return None
    mean, std = (np.array(row[:JOINTS]) for row in (action.statistics.mean, action.statistics.std))
    scale = np.ones(JOINTS) if action.scale is None else np.array(action.scale[:JOINTS])
    return np.asarray((np.abs(mean) + _SPREAD * std) * scale * spec.rate_hz)

"""How fast a policy wants to move, from what its demonstrations were like."""

import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.limits import JOINTS
from toto_bench.robots.policy import PolicySpec


def needed_speed(spec: PolicySpec) -> NDArray[np.float64] | None:
    """rad/s of each joint [7]: root mean square of the steps of the demonstrations; None where the spec has none.

    The largest step is not known, and is never smaller than this: a policy that needs more than the limits in the mean
    has learnt from an arm that was faster.
    """
    action = spec.action
    if action.kind == "joint-position" or action.statistics is None:
        return None
    mean, std = (np.array(row[:JOINTS]) for row in (action.statistics.mean, action.statistics.std))
    scale = np.ones(JOINTS) if action.scale is None else np.array(action.scale[:JOINTS])
    return np.asarray(np.hypot(mean, std) * scale * spec.rate_hz)

"""What a policy is shown and what it answers, for one robot."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.policy.spec import ActionKind


@dataclass(frozen=True, eq=False)
class Observation:
    """One moment of one robot."""

    images: Mapping[str, NDArray[np.uint8]]
    """RGB by camera, uint8 [H, W, 3], of the sizes in `PolicySpec.cameras`; others are not looked at."""
    proprio: NDArray[np.float32]
    """float32 [P], in the order and units of `PolicySpec.proprio`."""
    time: float = 0.0
    """When it was seen, in seconds of a clock that never jumps (`time.monotonic()`)."""


@dataclass(frozen=True, eq=False)
class ActionChunk:
    """What to do next: as many actions as the policy plans at once."""

    actions: NDArray[np.float32]
    """float32 [K, A], all finite, in the order and units of `PolicySpec.action`; not clipped."""
    kind: ActionKind
    """What a number means."""
    period: float
    """Seconds between two actions."""
    time: float = 0.0
    """When the first one is due: the time of the observation, in seconds of the same clock."""

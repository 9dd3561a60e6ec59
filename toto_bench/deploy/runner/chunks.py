"""Actions that are planned ahead; those whose moment has passed are dropped, never made up for."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.robots.policy import ActionChunk, PolicySpec

_ROUNDING = 1e-6


class Plan:
    """The newest chunk, and how far it was carried out."""

    def __init__(self, spec: PolicySpec, horizon: int | None = None) -> None:
        """Nothing is planned.

        Args:
            spec: of the policy.
            horizon: actions of a chunk that are carried out; None: all.
        """
        self._spec, self._horizon = spec, horizon
        self._actions: NDArray[Any] = np.empty((0, 0))
        self._time, self._next = 0.0, 0
        self.dropped = 0
        """Actions whose moment passed before they could be sent."""

    def put(self, chunk: ActionChunk, now: float) -> None:
        """Replace what is planned.

        Raises:
            GuardTrip: this is no chunk of the policy's actions, or it is for a moment that has not come.
        """
        actions = np.asarray(chunk.actions)
        if chunk.kind != self._spec.action.kind or actions.ndim != 2 or not len(actions):
            raise GuardTrip(
                Reason.SHAPE,
                f"The policy answered `{chunk.kind}` {list(actions.shape)} instead of "
                f"`{self._spec.action.kind}` [K, A].",
            )
        if not chunk.time <= now + _ROUNDING:
            raise GuardTrip(Reason.CLOCK, f"The policy's actions are for {chunk.time - now:.3f} s from now.")
        self._actions, self._time, self._next = actions[: self._horizon], chunk.time, 0

    def take(self, moment: float) -> NDArray[Any] | None:
        """The action for a moment; None where none is left."""
        place = math.floor((moment - self._time) * self._spec.rate_hz + 0.5)
        place = max(place, self._next)
        self.dropped += min(place, len(self._actions)) - self._next
        if place >= len(self._actions):
            self._next = len(self._actions)
            return None
        self._next = place + 1
        return np.asarray(self._actions[place])

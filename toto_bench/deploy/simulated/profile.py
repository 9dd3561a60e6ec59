"""Joints on their way to a target that may change at any moment, within limits of velocity and acceleration."""

import numpy as np

from toto_bench.deploy.limits import Joints, Vector


class JointProfile:
    """Where each joint ought to be now. Every joint moves for itself, and as fast as it may.

    Jerk is not limited: a simulated arm does not mind, and a real robot's controller sees to it.
    """

    def __init__(self, q: Vector, velocity: Joints, acceleration: Joints) -> None:
        """Stand still.

        Args:
            q: positions, [7], rad.
            velocity: the most, rad/s.
            acceleration: the most, rad/s².
        """
        self._velocity, self._acceleration = np.array(velocity), np.array(acceleration)
        self.halt(q)

    def halt(self, q: Vector) -> None:
        """Stand still at q [7]."""
        self.q = np.array(q, dtype=np.float64)
        self.dq = np.zeros_like(self.q)
        self.target: Vector | None = self.q.copy()

    def go(self, target: Vector) -> None:
        """Head for [7], from whatever motion there is."""
        self.target = np.array(target, dtype=np.float64)

    def brake(self) -> None:
        """Come to rest as soon as the acceleration allows."""
        self.target = None

    @property
    def is_done(self) -> bool:
        """Whether it stands at its target, or stands after braking."""
        return not self.dq.any() and (self.target is None or np.array_equal(self.q, self.target))

    def step(self, seconds: float) -> None:
        """Let time pass."""
        change = self._acceleration * seconds
        wanted = np.zeros_like(self.dq)
        if self.target is not None:
            wanted = self._towards(self.target - self.q, change, seconds)
        slow = np.abs(self.dq) <= change
        self.dq = self.dq + np.clip(wanted - self.dq, -change, change)
        self.q = self.q + self.dq * seconds
        if self.target is not None:
            there = slow & (np.abs(self.target - self.q) <= change * seconds)
            self.q, self.dq = np.where(there, self.target, self.q), np.where(there, 0.0, self.dq)

    def _towards(self, way: Vector, change: Vector, seconds: float) -> Vector:
        """The fastest from which each joint still comes to rest at the end of its way [7], rad/s."""
        braking = np.sqrt((change / 2) ** 2 + 2 * self._acceleration * np.abs(way)) - change / 2
        arriving = np.abs(way) / seconds
        return np.asarray(np.sign(way) * np.minimum(np.minimum(braking, arriving), self._velocity))

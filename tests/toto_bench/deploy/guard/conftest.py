"""A quiet arm in its ready pose, and commands for it."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.guard import GuardSettings, Passed, SafetyGuard
from toto_bench.deploy.types import Command, Moment, RobotState, Sight

READY = np.array([0.0, -math.pi / 4, 0.0, -3 * math.pi / 4, 0.0, math.pi / 2, math.pi / 4])
PERIOD = 0.1


@dataclass
class Bench:
    """A guard, and a robot whose clock runs with ours."""

    settings: GuardSettings = field(
        default_factory=lambda: GuardSettings(rate_hz=1 / PERIOD, cameras=("wrist",))
    )
    now: float = 1000.0
    ticks: int = 0

    def __post_init__(self) -> None:
        self.guard = SafetyGuard(self.settings)

    def moment(self, **changes: Any) -> Moment:
        """A fresh one; `changes` are of the robot's state."""
        state = RobotState(READY.copy(), np.zeros(7), 1.0, clock=5.0 + self.ticks * PERIOD, received=self.now)
        sights = {"wrist": Sight(captured=self.now - 0.03, sequence=self.ticks)}
        return Moment(replace(state, **changes), sights)

    def check(self, command: Command | None = None, moment: Moment | None = None) -> Passed:
        """One tick."""
        moment = moment or self.moment()
        result = self.guard.check(
            moment, command or Command(np.asarray(moment.robot.q).copy()), self.now + 0.01
        )
        self.tick()
        return result

    def tick(self) -> None:
        self.now += PERIOD
        self.ticks += 1

    @property
    def step(self) -> np.ndarray:
        return np.array(self.settings.largest_step)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def make_bench() -> type[Bench]:
    return Bench

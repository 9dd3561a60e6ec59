"""An arm that is looked at, and not moved."""

from collections.abc import Callable

import numpy as np

from toto_bench.deploy.driver import RobotDriver, RobotInfo
from toto_bench.deploy.limits import JOINTS, Vector
from toto_bench.deploy.types import Command, RobotState


class Spectator:
    """A driver whose `act` only remembers. `stop` does nothing: there is nothing to stop, and the arm stays ready."""

    def __init__(self, driver: RobotDriver) -> None:
        self._driver = driver
        self._q = np.zeros(JOINTS)
        self._changes: list[Vector] = []

    def changes(self) -> tuple[Vector, Vector]:
        """Largest and mean change of each joint that a command asked for, [7] each, rad."""
        table = np.abs(np.array(self._changes)) if self._changes else np.zeros((1, JOINTS))
        return np.asarray(table.max(0)), np.asarray(table.mean(0))

    def info(self) -> RobotInfo:
        """The driver's own."""
        return self._driver.info()

    def connect(self) -> None:
        """Nothing: the driver is connected."""

    def observe(self) -> RobotState:
        """As the driver."""
        state = self._driver.observe()
        self._q = state.q
        return state

    def act(self, command: Command) -> None:
        """Remember how far the arm would have been sent."""
        self._changes.append(np.asarray(command.q - self._q))

    def stop(self, reason: str) -> None:
        """Nothing moves."""

    def at_rest(self, timeout: float) -> bool:
        """As the driver."""
        return self._driver.at_rest(timeout)

    def reset(self, q: Vector, *, gripper: float = 1.0, interrupted: Callable[[], bool]) -> None:
        """Nothing."""

    def recover(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing: the driver is not ours."""

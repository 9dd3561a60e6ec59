"""What every robot has to answer, real or not. `toto_bench.testing.drivers` checks a driver against this contract."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from toto_bench.deploy.limits import Vector
from toto_bench.deploy.types import Command, RobotState
from toto_bench.errors import TotoBenchError

Arm = Literal["fer", "fr3"]


class RobotFault(TotoBenchError):  # noqa: N818  the word for what a robot reports
    """The robot cannot go on, or cannot be reached; it is standing or about to. Nothing may be retried by itself."""


@dataclass(frozen=True)
class RobotInfo:
    """What is driven; stands in records."""

    driver: str
    """`mujoco`, `franky`, `replay`."""
    arm: Arm
    """The earlier Franka Emika Robot (Panda), or Franka Research 3."""
    simulated: bool
    """Whether nobody can be hurt."""
    versions: dict[str, str]
    """Of the libraries and the robot's system, by name."""


class RobotDriver(Protocol):
    """An arm of seven joints with a gripper.

    `act` never blocks for more than 5 ms: it hands a target over, and the robot goes there within `WorkingLimits`.
    What goes wrong in between is raised by the next `observe` or `act`. After a fault or a `stop`, `act` raises until
    `recover`, which only a person calls for. `stop` may be called at any time, from any thread, any number of times,
    and never raises. All times are those of the driver's clock; for a real robot `time.monotonic()`.
    """

    def info(self) -> RobotInfo:
        """What is driven."""
        ...

    def connect(self) -> None:
        """Reach the robot, set its limits, and move nothing.

        Raises:
            RobotFault: it cannot be reached, or its system does not fit; the message says what to do.
        """
        ...

    def observe(self) -> RobotState:
        """The newest reading.

        Raises:
            RobotFault: there is none, or the robot stopped by itself.
        """
        ...

    def act(self, command: Command) -> None:
        """Send the arm towards a target that the safety guard let pass.

        Raises:
            RobotFault: it was stopped, or something went wrong since the last call.
        """
        ...

    def stop(self, reason: str) -> None:
        """Bring the arm to rest, smoothly where that is possible. Returns at once; never raises."""
        ...

    def at_rest(self, timeout: float) -> bool:
        """Wait until no joint moves; False where it still does after this many seconds, or nobody can tell."""
        ...

    def reset(self, q: Vector, *, gripper: float = 1.0, interrupted: Callable[[], bool]) -> None:
        """Go slowly to a start pose and wait until the arm is there.

        Args:
            q: float64 [7], rad; inside the guard's range.
            gripper: opening, 0 closed to 1 open.
            interrupted: asked at least every 50 ms; True stops the arm, and `reset` raises.

        Raises:
            RobotFault: it did not arrive, was stopped, or was interrupted.
        """
        ...

    def recover(self) -> None:
        """Make a stopped or faulty robot ready again. Only after a person asked for it.

        Raises:
            RobotFault: it is not ready.
        """
        ...

    def close(self) -> None:
        """Stop and let go; may be called twice, and after a fault."""
        ...

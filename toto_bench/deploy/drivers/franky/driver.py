"""The driver of a real Franka, or of franky-sim, which speaks its protocol."""

import atexit
import importlib.metadata
import ipaddress
import time
from collections.abc import Callable

import numpy as np

from toto_bench.deploy.driver import Arm, RobotFault, RobotInfo
from toto_bench.deploy.drivers.franky.arm import connect_arm
from toto_bench.deploy.drivers.franky.faults import load_franky
from toto_bench.deploy.drivers.franky.hand import Hand
from toto_bench.deploy.drivers.franky.link import Link
from toto_bench.deploy.drivers.franky.motion import Target
from toto_bench.deploy.drivers.franky.patience import answer_of
from toto_bench.deploy.drivers.franky.resetting import go_to_start
from toto_bench.deploy.drivers.waiting import problem_of
from toto_bench.deploy.limits import Vector, WorkingLimits
from toto_bench.deploy.types import Command, RobotState
from toto_bench.errors import RequestError

_BRAKING = 3.0
"""s that the arm is given to come to rest."""


class FrankyDriver:
    """A `RobotDriver` through franky-control: joint positions, aimed anew with each command.

    A stop brakes smoothly; another stop 0.15 s later or more, while the arm still moves, breaks the motion off.
    """

    def __init__(
        self,
        host: str,
        *,
        arm: Arm = "fr3",
        limits: WorkingLimits | None = None,
        simulated: bool = False,
    ) -> None:
        """Remember what is driven; `connect` does the rest.

        Args:
            host: name or address of the robot's control unit.
            arm: which of the two it is.
            limits: set on the robot; None: the usual ones.
            simulated: it is franky-sim on this computer, where nobody can be hurt and no real-time kernel is needed.

        Raises:
            RequestError: `simulated` with a host that is not this computer.
        """
        if simulated and not _is_here(host):
            raise RequestError(
                f"`{host}` is not this computer: only franky-sim at an address such as 127.0.0.1 can be driven as "
                "simulated, that is without real-time priority."
            )
        self.host = host
        self.limits = limits or WorkingLimits()
        """What was asked for; once connected, within what the robot says of itself."""
        self._arm, self._simulated = arm, simulated
        self._link: Link | None = None
        self._hand: Hand | None = None
        self._versions: dict[str, str] = {}
        self._homed = False
        self._gone = False
        """The connection was lost, and a person asked for a new one, which could not be had yet."""

    def info(self) -> RobotInfo:
        """What is driven."""
        return RobotInfo("franky", self._arm, self._simulated, dict(self._versions))

    def connect(self) -> None:
        """Reach the robot and its gripper and set the limits; nothing moves. A second call does nothing.

        Raises:
            RequestError: franky-control is not installed.
            RobotFault: they cannot be reached, or do not fit; the message says what to do.
        """
        if self._link is not None:
            return
        franky = load_franky()
        arm = connect_arm(franky, self.host, self._arm, self.limits, realtime=not self._simulated)
        gripper = answer_of(lambda: franky.Gripper(self.host), "The gripper")
        hand = Hand(gripper, self._fail)
        try:
            self._link = Link(franky, arm.robot, hand.opening)
        except RobotFault:
            hand.close()
            raise
        self._hand, self.limits, self._gone = hand, arm.limits, False
        version = importlib.metadata.version("franky-control")
        self._versions = {"franky-control": version, "gripper server": str(gripper.server_version)}
        atexit.register(self.close)

    def observe(self) -> RobotState:
        """The newest reading, at most a few milliseconds old while the robot answers.

        Raises:
            RobotFault: not connected, or the robot stopped by itself.
        """
        return self._connected()[0].state()

    def act(self, command: Command) -> None:
        """Hand a target over; it is sent at once by another thread.

        Raises:
            RobotFault: it was stopped, something went wrong since the last call, or no arm could go there.
        """
        link, hand = self._connected()
        link.expect_ready()
        if (problem := problem_of(command, self.limits.position)) is not None:
            message = f"A command cannot be followed: {problem}."
            self.stop(message)
            raise RobotFault(message)
        link.send(Target(tuple(map(float, command.q)), time.monotonic()))
        if command.gripper is not None:
            hand.go(float(command.gripper))

    def stop(self, reason: str) -> None:
        """Bring the arm to rest; never raises. The gripper begins nothing more, and goes on holding what it holds."""
        if (link := self._link) is not None and (hand := self._hand) is not None:
            hand.hold(hard=link.stop(reason))

    def at_rest(self, timeout: float) -> bool:
        """Wait until no joint moves; False where the robot does not tell."""
        return self._link is not None and self._link.at_rest(timeout)

    def reset(self, q: Vector, *, gripper: float = 1.0, interrupted: Callable[[], bool]) -> None:
        """Go to a start pose and wait. The first time the gripper is homed: its fingers open fully.

        Raises:
            RobotFault: the arm did not arrive, was stopped, or was interrupted.
        """
        link, hand = self._connected()
        link.expect_ready()
        if (problem := problem_of(Command(q, gripper), self.limits.position)) is not None:
            raise RobotFault(f"The start pose cannot be reached: {problem}.")
        if not self._homed:
            hand.home()
        start = np.asarray(q, dtype=np.float64)
        go_to_start(link, hand, start, gripper, limits=self.limits, interrupted=interrupted)
        self._homed = True

    def recover(self) -> None:
        """Clear the robot's errors, or connect anew where the connection was lost. A person asked for it.

        Raises:
            RobotFault: the arm is not ready; the message says what to do.
        """
        if self._gone:
            self.connect()
            return
        link, hand = self._connected()
        rests = link.at_rest(_BRAKING)
        if not (rests or link.lost):
            raise RobotFault("The arm still moves: wait until it is at rest, then try again.")
        if link.lost or hand.lost:
            self._let_go()
            self._gone = True
            self.connect()
            return
        link.recover()
        hand.release()

    def close(self) -> None:
        """Stop, wait until the arm is at rest, and disconnect; a second time, or after a fault, too."""
        self._gone = False
        if (link := self._link) is None:
            return
        self.stop("closed")
        if not link.lost and not link.at_rest(_BRAKING):
            self.stop("closed, but still moving")
            link.at_rest(_BRAKING)
        self._let_go()

    def _let_go(self) -> None:
        link, hand = self._link, self._hand
        self._link = self._hand = None
        if link is not None:
            link.close()
        if hand is not None:
            hand.close()
        atexit.unregister(self.close)

    def _connected(self) -> tuple[Link, Hand]:
        link, hand = self._link, self._hand
        if link is None or hand is None:
            raise RobotFault("The robot is not connected: `connect` comes first.")
        return link, hand

    def _fail(self, error: BaseException) -> None:
        if (link := self._link) is not None:
            link.fail(error)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

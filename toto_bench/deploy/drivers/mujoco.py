"""The simulated Franka Research 3, with the cube to pick up."""

import importlib.metadata
from collections.abc import Callable
from typing import NoReturn

import numpy as np

from toto_bench.deploy.clock import Clock, MonotonicClock, VirtualClock
from toto_bench.deploy.driver import RobotFault, RobotInfo
from toto_bench.deploy.drivers.latch import Latch
from toto_bench.deploy.drivers.waiting import problem_of, wait_for
from toto_bench.deploy.limits import Vector, WorkingLimits
from toto_bench.deploy.simulated.pace import Heart
from toto_bench.deploy.simulated.scene import CubeScene, build_scene
from toto_bench.deploy.simulated.settings import Pace
from toto_bench.deploy.simulated.state import SceneState
from toto_bench.deploy.simulated.world import READY, CubeWorld
from toto_bench.deploy.types import Command, RobotMode, RobotState

_RESET_SLACK = 10.0
"""s that a reset may take longer than the way at the working velocity."""
_RECOVERY = 2.0
"""s that a stopped arm is given to come to rest before it is made ready again."""


class MujocoDriver:
    """A `RobotDriver` without a robot, in the time of the computer or faster.

    Beside the contract it knows the truth: `scene_state` for pictures, and `succeeded` for labels.
    """

    def __init__(
        self,
        scene: CubeScene | None = None,
        clock: Clock | None = None,
        pace: Pace = "realtime",
        *,
        limits: WorkingLimits | None = None,
        start: Vector = READY,
    ) -> None:
        """Put the arm into its scene; time begins with `connect`.

        Args:
            scene: compiled; None: as it comes.
            clock: what the trial runs on; None: `time.monotonic()`, or a clock of its own where `pace` is `fast`.
            pace: `realtime` steps in a thread of its own, `fast` when a `VirtualClock` is told to sleep.
            limits: how fast the arm may be.
            start: where it stands, [7], rad.

        Raises:
            ValueError: `fast` with a clock that is not virtual.
        """
        self.clock: Clock = clock or (VirtualClock() if pace == "fast" else MonotonicClock())
        self._world = CubeWorld(scene or build_scene(), limits or WorkingLimits(), start)
        self._heart = Heart(self._world, self.clock, pace)
        self._lock = self._heart.lock
        self._latch = Latch("The simulated arm")

    def info(self) -> RobotInfo:
        """A simulated FR3."""
        return RobotInfo("mujoco", "fr3", True, {"mujoco": importlib.metadata.version("mujoco")})

    def connect(self) -> None:
        """Let time begin, or go on after `close`; nothing moves. A second call does nothing, also not to a fault."""
        if self._latch.connected:
            return
        with self._lock:
            self._latch.connect()
            self._world.recover()
        self._heart.start()

    def observe(self) -> RobotState:
        """The newest reading.

        Raises:
            RobotFault: not connected, or the arm stopped by itself.
        """
        with self._lock:
            self._expect_sound()
            state = self._world.state
            mode = RobotMode.IDLE if self._world.is_at_rest else RobotMode.MOVE
            return RobotState(
                state.q, self._world.dq, state.gripper, self._world.time, self.clock.now(), mode
            )

    def act(self, command: Command) -> None:
        """Send the arm towards a target.

        Raises:
            RobotFault: it was stopped, it stopped by itself, or no robot could go there.
        """
        with self._lock:
            self._expect_ready()
            if (problem := problem_of(command)) is not None:
                self._give_up(f"A command cannot be followed: {problem}.")
            self._world.go(np.array(command.q), command.gripper)

    def stop(self, reason: str) -> None:
        """Bring the arm to rest; never raises. Also from a signal handler: the lock lets its own thread in."""
        with self._lock:
            self._latch.stop(reason)
            self._world.brake()

    def at_rest(self, timeout: float) -> bool:
        """Wait until no joint moves."""
        return wait_for(self._rests, self.clock, timeout) if self._latch.connected else False

    def reset(self, q: Vector, *, gripper: float = 1.0, interrupted: Callable[[], bool]) -> None:
        """Go to a start pose and wait.

        Raises:
            RobotFault: the arm did not arrive, was stopped, or was interrupted.
        """
        with self._lock:
            self.act(Command(q, gripper))
            way = np.abs(np.asarray(q) - self._world.state.q) / np.array(self._world.limits.velocity)

        def arrived() -> bool:
            if interrupted():
                self._give_up("The way to the start pose was interrupted.")
            with self._lock:
                self._expect_ready()
                return self._world.has_arrived

        if not wait_for(arrived, self.clock, float(way.max()) + _RESET_SLACK):
            self._give_up("The arm did not reach its start pose: something is in its way.")

    def recover(self) -> None:
        """Make the arm ready where it stands.

        Raises:
            RobotFault: it is not connected, or still moves.
        """
        self._expect_connected()
        stops = self._latch.stops
        if not self.at_rest(_RECOVERY):
            raise RobotFault("The arm still moves: wait until it is at rest, then recover again.")
        with self._lock:
            self._latch.release(stops)
            self._world.recover()

    def close(self) -> None:
        """Let the arm come to rest, and end time."""
        self.stop("closed")
        self.at_rest(_RECOVERY)
        self._latch.connected = False
        self._heart.end()

    def scene_state(self) -> SceneState:
        """Where everything is now, for pictures; asked from any thread."""
        with self._lock:
            return self._world.state

    def place_cube(self, x: float, y: float, yaw: float) -> None:
        """Lay the cube on the table (m, m, rad), and forget earlier success."""
        with self._lock:
            self._world.place_cube(x, y, yaw)

    @property
    def succeeded(self) -> bool:
        """Whether the cube was lifted by 5 cm for a second since it was placed."""
        return self._world.judge.success

    def _rests(self) -> bool:
        with self._lock:
            return self._heart.broken is None and self._world.is_at_rest

    def _give_up(self, message: str) -> NoReturn:
        self.stop(message)
        raise RobotFault(message)

    def _expect_connected(self) -> None:
        self._latch.expect_connected()
        if self._heart.broken is not None:
            raise RobotFault(f"The simulation broke off: {self._heart.broken!r}.") from self._heart.broken

    def _expect_sound(self) -> None:
        self._expect_connected()
        if self._world.error is not None:
            raise RobotFault(f"The arm stopped by itself: {self._world.error}.")

    def _expect_ready(self) -> None:
        self._expect_sound()
        self._latch.expect_ready()

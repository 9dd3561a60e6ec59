"""What stands on the table: the arm, its cameras, its clock; in a simulation also the cube."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from toto_bench.deploy.cameras import Camera
from toto_bench.deploy.clock import Clock
from toto_bench.deploy.driver import RobotDriver
from toto_bench.deploy.limits import WorkingLimits
from toto_bench.deploy.simulated.state import SceneState


class Scene(Protocol):
    """What nobody can do to a real scene by software."""

    def scene_state(self) -> SceneState:
        """Where everything is."""
        ...

    def place_cube(self, x: float, y: float, yaw: float) -> None:
        """Lay the cube on the table (m, m, rad), and forget earlier success."""
        ...

    @property
    def succeeded(self) -> bool:
        """Whether the cube was picked up since it was placed."""
        ...


@dataclass(frozen=True, eq=False)
class Station:
    """Everything that a session needs, not yet open."""

    driver: RobotDriver
    clock: Clock
    """The driver's."""
    cameras: Mapping[str, Camera] = field(default_factory=dict)
    """By name."""
    scene: Scene | None = None
    """None for a real one: a person places the object, and judges."""
    devices: Mapping[str, str] = field(default_factory=dict)
    """What each camera is, in words."""
    limits: Callable[[], WorkingLimits] = WorkingLimits
    """Of the arm; a real robot's are known once it is connected, and within what it says of itself."""

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Reach the robot, then open the cameras; however the block ends, the arm is stopped and all is let go.

        Raises:
            RobotFault: the robot cannot be reached.
            CameraFault: a camera is not there.
        """
        with ExitStack() as stack:
            stack.callback(self.driver.close)
            self.driver.connect()
            for camera in self.cameras.values():
                stack.callback(camera.close)
                camera.open()
            stack.callback(
                self.driver.stop, "the session has ended"
            )  # before cameras take their time to close
            yield

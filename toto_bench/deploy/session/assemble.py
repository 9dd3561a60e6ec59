"""A station from the words of a command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from toto_bench.cards import did_you_mean
from toto_bench.deploy.cameras import Camera, camera_from_text
from toto_bench.deploy.clock import Clock, MonotonicClock
from toto_bench.deploy.driver import Arm
from toto_bench.deploy.limits import WorkingLimits
from toto_bench.deploy.session.station import Scene, Station
from toto_bench.deploy.simulated.settings import FRONT, WRIST, Pace
from toto_bench.errors import RequestError

DriverName = Literal["mujoco", "franky", "replay"]
DRIVERS: tuple[DriverName, ...] = ("mujoco", "franky", "replay")
SIMULATED = "simulated:"
"""Before the view of a simulated camera: `wrist=simulated:wrist`."""
_VIEWS = (FRONT, WRIST)
Size = tuple[int, int]
"""Height and width, pixels."""


@dataclass(frozen=True)
class StationRequest:
    """What somebody asks for."""

    driver: DriverName
    host: str | None = None
    """Of a real robot's control unit."""
    arm: Arm = "fr3"
    cameras: tuple[str, ...] = ()
    """`NAME=KIND:SOURCE[,SETTING=VALUE...]` each."""
    limits: WorkingLimits = field(default_factory=WorkingLimits)
    pace: Pace = "realtime"
    """Of a simulation."""
    sizes: Mapping[str, Size] = field(default_factory=dict)
    """Of the pictures that policies look at, by camera; simulated cameras draw them so."""
    size: Size = (224, 224)
    """Of other pictures of simulated cameras."""
    log: Path | None = None
    """Of the trial that is replayed."""


def assemble(request: StationRequest) -> Station:
    """Put the parts together; nothing is opened, and nothing moves.

    Raises:
        RequestError: something is missing, or does not go together.
    """
    if request.driver == "mujoco":
        return _simulated(request)
    if request.driver == "franky":
        return _real(request)
    if request.driver == "replay":
        return _replayed(request)
    raise RequestError(f"There is no driver `{request.driver}`{did_you_mean(request.driver, DRIVERS)}")


def at_franky_sim(request: StationRequest, host: str, scene: Scene) -> Station:
    """A simulated robot that is driven as a real one is, over its own protocol.

    Args:
        request: what is asked for; its driver and its host are not looked at.
        host: where it listens; of this computer.
        scene: of the same simulation: pictures, cube and judgement.
    """
    from toto_bench.deploy.drivers.franky import FrankyDriver  # noqa: PLC0415  only where it is used

    clock = MonotonicClock()
    driver = FrankyDriver(host, arm=request.arm, limits=request.limits, simulated=True)
    cameras, devices = _drawn(request, scene, clock, "realtime")
    return Station(driver, clock, cameras, scene, devices, lambda: driver.limits)


def _simulated(request: StationRequest) -> Station:
    from toto_bench.deploy.drivers.mujoco import MujocoDriver  # noqa: PLC0415  MuJoCo takes a while to import

    if request.host is not None:
        raise RequestError("`--host` is the address of a real robot, and the driver `mujoco` has none.")
    driver = MujocoDriver(pace=request.pace, limits=request.limits)
    cameras, devices = _drawn(request, driver, driver.clock, request.pace)
    return Station(driver, driver.clock, cameras, driver, devices, lambda: request.limits)


def _drawn(
    request: StationRequest, scene: Scene, clock: Clock, pace: Pace
) -> tuple[dict[str, Camera], dict[str, str]]:
    """Cameras of a simulation, and what they are, by name."""
    from toto_bench.deploy.simulated.camera import SceneCamera  # noqa: PLC0415
    from toto_bench.deploy.simulated.picture import ScenePainter  # noqa: PLC0415

    cameras: dict[str, Camera] = {}
    views = _views(request)
    for name, view in views.items():
        height, width = request.sizes.get(name, request.size)
        painter = ScenePainter(view, height=height, width=width)
        cameras[name] = SceneCamera(painter, scene.scene_state, clock, pace=pace)
    return cameras, {name: f"{SIMULATED}{view}" for name, view in views.items()}


def _views(request: StationRequest) -> dict[str, str]:
    """What each simulated camera looks from, by name; without a word those that the policies need, or the wrist's."""
    texts = request.cameras or tuple(f"{name}={SIMULATED}{name}" for name in request.sizes or (WRIST,))
    found = {}
    for text in texts:
        name, _, source = text.partition("=")
        view = source.removeprefix(SIMULATED)
        if not name or not source.startswith(SIMULATED) or view not in _VIEWS:
            raise RequestError(
                f"The simulation has no camera `{text}`: write `--camera NAME={SIMULATED}{WRIST}`, or `{FRONT}`."
            )
        found[name] = view
    return found


def _real(request: StationRequest) -> Station:
    from toto_bench.deploy.drivers.franky import FrankyDriver  # noqa: PLC0415  only where it is used

    if request.host is None:
        raise RequestError(
            "The driver `franky` needs the address of the robot's control unit: `--host 172.16.0.2`."
        )
    driver = FrankyDriver(request.host, arm=request.arm, limits=request.limits)
    cameras, devices = _cameras(request)
    return Station(driver, MonotonicClock(), cameras, None, devices, lambda: driver.limits)


def _replayed(request: StationRequest) -> Station:
    from toto_bench.deploy.drivers.replay import ReplayDriver  # noqa: PLC0415  only where it is used

    if request.log is None:
        raise RequestError(
            "The driver `replay` needs the log of a trial: `--log TRIALS/logs/trial-001.jsonl`."
        )
    clock = MonotonicClock()
    cameras, devices = _cameras(request)
    driver = ReplayDriver.read(request.log, clock)
    return Station(driver, clock, cameras, None, devices, lambda: request.limits)


def _cameras(request: StationRequest) -> tuple[dict[str, Camera], dict[str, str]]:
    """Real cameras, and what they are, by name."""
    cameras = [camera_from_text(text) for text in request.cameras]
    names = [camera.name for camera in cameras]
    if twice := {name for name in names if names.count(name) > 1}:
        raise RequestError(f"Two cameras are called `{min(twice)}`: name them apart.")
    return dict(zip(names, cameras, strict=True)), dict(zip(names, request.cameras, strict=True))

"""Whether robot and cameras are ready; nothing here moves the arm."""

from collections.abc import Iterator, Mapping

import numpy as np

from toto_bench.deploy.cameras import CameraFault, PictureCheck, PictureSettings
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.errors import GuardTrip
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.limits import Vector
from toto_bench.deploy.session.checks import Check
from toto_bench.deploy.session.station import Station
from toto_bench.deploy.types import RobotMode

WATCHED = 0.5
"""s for which robot and cameras are watched."""
_LOOK = 0.02


def robot_checks(station: Station, guard: GuardSettings) -> Iterator[Check]:
    """Versions, mode, clock and place of the arm. It has to be connected."""
    info = station.driver.info()
    versions = ", ".join(f"{name} {version}" for name, version in info.versions.items())
    kind = "simulated" if info.simulated else "real"
    yield Check("robot", f"{kind} {info.arm.upper()} through {info.driver} ({versions or 'no versions'})")
    try:
        first = station.driver.observe()
        station.clock.sleep_until(station.clock.now() + WATCHED)
        state = station.driver.observe()
    except RobotFault as fault:
        yield Check("state", str(fault), False)
        return
    ready = state.mode in (RobotMode.IDLE, RobotMode.MOVE) and not state.errors
    words = f"mode {state.mode}, {'errors ' + ', '.join(state.errors) if state.errors else 'no errors'}"
    yield Check("state", words if ready else f"{words}: make the robot ready in Desk (docs/robot.md)", ready)
    ticks = state.clock - first.clock
    yield Check("robot's clock", f"{ticks:.2f} s in {WATCHED:g} s", ticks > 0)
    yield _place(state.q, guard)
    yield _limits(guard)


def _place(q: Vector, guard: GuardSettings) -> Check:
    outside = guard.limits.position.outside(q)
    if (outside > 0).any():
        joint = int(np.argmax(outside))
        return Check(
            "place", f"joint {joint + 1} is {outside[joint]:.2f} rad outside its range: move it back", False
        )
    problem = guard.workspace.violation(q)
    if problem is not None:
        return Check("place", f"{problem} where the arm stands: guide it back, or widen the workspace", False)
    return Check("place", "within the joints' ranges and the workspace")


def _limits(guard: GuardSettings) -> Check:
    speeds = " ".join(f"{value:.2f}" for value in guard.limits.velocity)
    lower, upper = guard.workspace.lower, guard.workspace.upper
    box = ", ".join(
        f"{axis} {low:g} to {high:g}" for axis, low, high in zip("xyz", lower, upper, strict=True)
    )
    return Check(
        "limits", f"{speeds} rad/s ({100 * guard.limits.speed_factor:.0f} % of ours); workspace {box} m"
    )


def camera_checks(station: Station, sizes: Mapping[str, tuple[int, int]]) -> Iterator[Check]:
    """Whether each camera gives new pictures of the right size. They have to be open.

    Args:
        station: open.
        sizes: height and width that policies look at, by camera; others are only watched.
    """
    for name in sorted(set(sizes) - set(station.cameras)):
        yield Check(f"camera {name}", "a policy looks through it, and there is none: give `--camera`", False)
    for name in station.cameras:
        try:
            yield Check(f"camera {name}", _watch(station, name, sizes.get(name)))
        except (CameraFault, GuardTrip) as error:
            yield Check(f"camera {name}", str(error), False)


def _watch(station: Station, name: str, size: tuple[int, int] | None) -> str:
    """Watch a camera for a while; raises what is wrong."""
    camera, clock = station.cameras[name], station.clock
    settings = PictureSettings(height=size[0] if size else None, width=size[1] if size else None)
    if station.driver.info().simulated:
        settings = settings.model_copy(update={"repeats": None})
    check = PictureCheck(name, settings)
    first, end = camera.latest(), clock.now() + WATCHED
    ages = []
    while (now := clock.now()) < end:
        frame = camera.latest()
        check.check(frame, clock.now())
        ages.append(clock.now() - frame.captured)
        clock.sleep_until(now + _LOOK)
    rate = (frame.sequence - first.sequence) / WATCHED
    if rate == 0:
        raise CameraFault(f"no new picture in {WATCHED:g} s: it is frozen")
    height, width = frame.rgb.shape[:2]
    return f"{width}x{height}, {rate:.0f} pictures/s, {1000 * max(ages):.0f} ms old at most"

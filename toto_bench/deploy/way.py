"""Whether the arm may go from where it is to a start pose: not only the end of a way may do harm."""

from collections.abc import Callable, Iterator

import numpy as np

from toto_bench.deploy.driver import RobotDriver, RobotFault
from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.guard.readings import finite
from toto_bench.deploy.limits import Vector
from toto_bench.deploy.workspace import Workspace

_SPACING = 0.02
"""rad of the joint that goes farthest, between two places of a way that are looked at."""
_LEAVING = 0.02
"""m that an arm may be outside its workspace where it begins: it brakes, and its servos give way."""
_GUIDE = (
    "guide the arm by hand to a place from which the way is free, or choose another start pose or workspace"
)


def go_to_start(
    driver: RobotDriver,
    guard: GuardSettings,
    q: Vector,
    interrupted: Callable[[], bool],
    gripper: float = 1.0,
) -> None:
    """Send the arm to a start pose, if the whole way there is within joints' ranges and workspace.

    Args:
        driver: ready.
        guard: whose ranges and workspace count.
        q: float64 [7], rad.
        interrupted: asked on the way, and at its end once more.
        gripper: opening, 0 closed to 1 open.

    Raises:
        GuardTrip: the pose, or the way to it, is not allowed; nothing has moved.
        RobotFault: the arm did not arrive, or was interrupted; like everything else that is raised here, it leaves an
            arm that was told to stop.
    """
    try:
        expect_free(guard, finite("The measured position", driver.observe().q), q)
        _expect_wanted(interrupted)
        driver.reset(q, gripper=gripper, interrupted=interrupted)
        _expect_wanted(interrupted)
    except BaseException as error:
        driver.stop(f"The way to the start pose ended: {type(error).__name__}.")
        raise


def _expect_wanted(interrupted: Callable[[], bool]) -> None:
    if interrupted():
        raise RobotFault("The way to the start pose was interrupted.")


def expect_free(guard: GuardSettings, begin: Vector, end: Vector) -> None:
    """Pass a way on which nothing leaves its range or the workspace.

    Drivers move joints together, or each for itself as fast as it may: both ways are looked at. An arm that stands a
    little outside may come back, and not leave again.

    Raises:
        GuardTrip: otherwise.
    """
    end = finite("The start pose", end)
    outside = guard.limits.position.outside(end)
    if not (outside <= 0).all():
        joint = int(outside.argmax())
        raise GuardTrip(
            Reason.JOINT_RANGE,
            f"Joint {joint + 1} of the start pose is {outside[joint]:.3f} rad outside its range: choose another one.",
        )
    way = end - begin
    together, each = np.ones(len(way)), np.maximum(np.abs(way) / guard.limits.velocity, 1e-9)
    for times in (together, each):
        _expect_free(guard, _places(begin, way, times))


def _places(begin: Vector, way: Vector, times: Vector) -> Iterator[Vector]:
    """Places on a way on which each joint arrives after its own time."""
    fastest = float((np.abs(way) / times).max()) * float(times.max())
    for moment in np.linspace(0.0, times.max(), int(np.ceil(fastest / _SPACING)) + 2):
        yield begin + way * np.minimum(moment / times, 1.0)


def _expect_free(guard: GuardSettings, places: Iterator[Vector]) -> None:
    space = guard.workspace
    wider = _widened(space)
    inside = False
    for q in places:
        outside = guard.limits.position.outside(q)
        if not (outside <= (0.0 if inside else guard.range_slack) + 1e-9).all():
            joint = int(outside.argmax())
            raise GuardTrip(
                Reason.JOINT_RANGE,
                f"On the way to the start pose joint {joint + 1} would be {outside[joint]:.3f} rad outside its range: "
                f"{_GUIDE}.",
            )
        problem = space.violation(q)
        if problem is not None and not inside:
            problem = wider.violation(q)
        elif problem is None and not outside.any():
            inside = True
        if problem is not None:
            raise GuardTrip(Reason.WORKSPACE, f"On the way to the start pose {problem}: {_GUIDE}.")


def _widened(space: Workspace) -> Workspace:
    (x0, y0, z0), (x1, y1, z1) = space.lower, space.upper
    return Workspace(
        lower=(x0 - _LEAVING, y0 - _LEAVING, z0 - _LEAVING),
        upper=(x1 + _LEAVING, y1 + _LEAVING, z1 + _LEAVING),
        floor=space.floor - _LEAVING,
        clearance=space.clearance,
    )

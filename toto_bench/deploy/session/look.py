"""Everything that `check` looks at, in its order."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from toto_bench.deploy.cameras import CameraFault
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.session.checks import Check, disk_check, kernel_check, policy_checks
from toto_bench.deploy.session.policies import PolicySource
from toto_bench.deploy.session.station import Station
from toto_bench.deploy.session.station_checks import camera_checks, robot_checks
from toto_bench.deploy.workspace import Workspace
from toto_bench.errors import RequestError

_RATE = 10.0
"""Commands per second where no policy says another; it changes no check."""


def look_around(
    station: Station, policies: Sequence[PolicySource], folder: Path, workspace: Workspace
) -> Iterator[Check]:
    """Look at computer, policies, robot and cameras; nothing moves. The station is opened and let go.

    Raises:
        RequestError: the request itself is wrong.
    """
    yield disk_check(folder)
    yield kernel_check(simulated=station.driver.info().simulated)
    yield from policy_checks(
        policies, GuardSettings(rate_hz=_RATE, limits=station.limits(), workspace=workspace)
    )
    try:
        with station.opened():
            guard = GuardSettings(rate_hz=_RATE, limits=station.limits(), workspace=workspace)
            yield from robot_checks(station, guard)
            yield from camera_checks(station, sizes_of(policies))
    except (RobotFault, CameraFault) as fault:
        yield Check("station", str(fault), good=False)


def sizes_of(policies: Sequence[PolicySource]) -> Mapping[str, tuple[int, int]]:
    """Height and width of the pictures that policies look at, by camera.

    Raises:
        RequestError: two of them want other pictures of one camera.
    """
    sizes: dict[str, tuple[int, int]] = {}
    for policy in policies:
        for camera in policy.spec.cameras if policy.spec else ():
            size = (camera.height, camera.width)
            if sizes.setdefault(camera.name, size) != size:
                raise RequestError(
                    f"The policies look at camera `{camera.name}` in different sizes ({sizes[camera.name]} and "
                    f"{size}): train them on the same demonstrations."
                )
    return sizes

"""From robot and cameras to what guard and policy look at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.cameras.base import Camera, CameraFault, Frame
from toto_bench.deploy.cameras.check import PictureCheck, PictureSettings
from toto_bench.deploy.clock import Clock
from toto_bench.deploy.commands import NUMBERS
from toto_bench.deploy.driver import RobotDriver
from toto_bench.deploy.guard.readings import drivable, finite
from toto_bench.deploy.limits import JOINTS
from toto_bench.deploy.runner.latency import Latencies
from toto_bench.deploy.types import Moment, RobotState, Sight
from toto_bench.errors import RequestError
from toto_bench.robots.policy import Observation, PolicySpec


@dataclass(frozen=True, eq=False)
class Look:
    """One moment: as the guard judges it, as the policy sees it, and the pictures."""

    moment: Moment
    observation: Observation
    frames: Mapping[str, Frame]


class Senses:
    """Looks, for one trial: it remembers earlier pictures, to tell a frozen camera."""

    def __init__(
        self,
        driver: RobotDriver,
        cameras: Mapping[str, Camera],
        spec: PolicySpec,
        clock: Clock,
        *,
        camera_age: float,
    ) -> None:
        """Choose the policy's cameras.

        Args:
            driver: of the arm.
            cameras: by name.
            spec: of the policy.
            clock: the driver's.
            camera_age: s after which a camera without a new picture is frozen; the guard's.

        Raises:
            RequestError: one is missing, or the policy's proprioception is not joints and gripper.
        """
        expect_proprio(spec)
        if missing := [camera.name for camera in spec.cameras if camera.name not in cameras]:
            raise RequestError(
                f"The policy looks through {', '.join(f'`{name}`' for name in missing)}, and there is "
                f"{', '.join(f'`{name}`' for name in cameras) or 'no camera'}: name the cameras as the policy does."
            )
        self._driver, self._spec, self._clock = driver, spec, clock
        self._cameras = {camera.name: cameras[camera.name] for camera in spec.cameras}
        simulated = driver.info().simulated
        self._checks = {
            camera.name: PictureCheck(
                camera.name,
                PictureSettings.for_camera(camera, simulated=simulated).model_copy(
                    update={"age": camera_age}
                ),
            )
            for camera in spec.cameras
        }

    def look(self, latencies: Latencies) -> Look:
        """Robot first, then pictures.

        Raises:
            RobotFault: the driver's.
            CameraFault: a camera's.
            GuardTrip: the robot's reading, or a picture, is not one that a policy may be shown.
        """
        now = self._clock.now()
        with latencies.time("observe"):
            robot = self._driver.observe()
            finite("The measured position", robot.q)
            finite("The measured velocity", robot.dq)
            drivable(robot)
        frames = {}
        with latencies.time("pictures"):
            for name, camera in self._cameras.items():
                frame = _newest(name, camera)
                self._checks[name].check(frame, self._clock.now())
                frames[name] = frame
        sights = {name: Sight(frame.captured, frame.sequence) for name, frame in frames.items()}
        pictures = {name: frame.rgb for name, frame in frames.items()}
        observation = Observation(pictures, proprio_of(robot, self._spec), now)
        return Look(Moment(robot, sights), observation, frames)


def _newest(name: str, camera: Camera) -> Frame:
    try:
        return camera.latest()
    except CameraFault:
        raise
    except Exception as error:
        raise CameraFault(f"Camera `{name}` failed: {error or type(error).__name__}.") from error


def expect_proprio(spec: PolicySpec) -> None:
    """Refuse a policy that feels something else than seven joints and, perhaps, the gripper's opening.

    Raises:
        RequestError: it does.
    """
    if len(spec.proprio) not in NUMBERS:
        raise RequestError(
            f"The policy feels {len(spec.proprio)} numbers ({', '.join(spec.proprio)}); the real arm tells seven "
            "joints, or seven joints and the gripper's opening. Train a policy on demonstrations of this arm."
        )


def proprio_of(robot: RobotState, spec: PolicySpec) -> NDArray[np.float32]:
    """Joints in rad and, where the policy feels eight numbers, the gripper's opening: float32 [7] or [8]."""
    numbers = [*np.asarray(robot.q, dtype=np.float64), robot.gripper]
    with np.errstate(over="ignore"):
        return np.asarray(numbers[: max(len(spec.proprio), JOINTS)], dtype=np.float32)

"""Moves the arm a little, in no regular pattern, and tells how late a camera shows it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.cameras.base import Camera
from toto_bench.deploy.cameras.latency import Latency, LatencyError, LatencyProbe
from toto_bench.deploy.clock import Clock
from toto_bench.deploy.driver import RobotDriver
from toto_bench.deploy.guard import GuardSettings, SafetyGuard
from toto_bench.deploy.types import Command, Moment

POLL = 0.005
"""s between two looks at robot and camera."""


class Wiggle:
    """Offsets of one joint: smooth moves between random places, with pauses of random length."""

    def __init__(self, times: NDArray[np.float64], places: NDArray[np.float64]) -> None:
        self._times, self._places = times, places

    @classmethod
    def drawn(cls, seconds: float, amplitude: float, speed: float, seed: int = 0) -> Self:
        """A pattern that begins and ends at 0.

        Args:
            seconds: how long.
            amplitude: the farthest place, rad.
            speed: the highest, rad/s.
            seed: of the draw.
        """
        random = np.random.default_rng(seed)
        times, places = [0.0], [0.0]
        while times[-1] < seconds:
            place = float(random.uniform(-amplitude, amplitude))
            shortest = 1.5 * abs(place - places[-1]) / speed  # a cubic is 1.5 times as fast in its middle
            move = times[-1] + max(shortest, 0.15) * random.uniform(1.0, 2.0)
            times += [move, move + random.uniform(0.05, 0.3)]
            places += [place, place]
        end = times[-1] + max(1.5 * abs(places[-1]) / speed, 0.15)
        return cls(np.array([*times, end]), np.array([*places, 0.0]))

    def at(self, moment: float) -> float:
        """The offset at a moment after the beginning, rad."""
        for (begin, start), (end, goal) in pairwise(zip(self._times, self._places, strict=True)):
            if moment < end:
                share = max(0.0, (moment - begin) / (end - begin))
                return float(start + (goal - start) * share * share * (3 - 2 * share))
        return float(self._places[-1])


def measure_latency(
    driver: RobotDriver,
    camera: Camera,
    clock: Clock,
    settings: GuardSettings,
    *,
    joint: int = 1,
    seconds: float = 12.0,
    amplitude: float = 0.08,
    speed: float = 0.15,
    interrupted: Callable[[], bool] = lambda: False,
) -> Latency:
    """Move one joint about where it is, and compare what the pictures show with what the robot says.

    Every command passes a safety guard of its own. Robot and camera have to be open; the arm is stopped at the end,
    however that comes.

    Args:
        driver: connected, the arm at a place with room around it and in sight of the camera (or carrying it).
        camera: open.
        clock: the driver's.
        settings: of the guard; its `rate_hz` is the rate of the commands. Cameras are not required to be fresh.
        joint: which, from 1 at the base.
        seconds: how long.
        amplitude: of the motion, rad.
        speed: the highest, rad/s.
        interrupted: True ends it at once.

    Raises:
        GuardTrip: a command may not be sent.
        RobotFault: the robot cannot go on.
        CameraFault: the camera cannot.
        LatencyError: the pictures do not follow the arm, or it was interrupted.
    """
    guard = SafetyGuard(settings.model_copy(update={"cameras": ()}))
    probe, period = LatencyProbe(), 1 / settings.rate_hz
    wiggle = Wiggle.drawn(seconds, amplitude, speed)
    try:
        home = np.array(driver.observe().q, dtype=np.float64)
        start = due = clock.now()
        while (now := clock.now()) < start + seconds:
            if interrupted():
                raise LatencyError("The measurement was interrupted; the arm is stopped.")
            state = driver.observe()
            probe.see_robot(state.received, state.q)
            probe.see_picture(camera.latest())
            if now >= due:
                target = home.copy()
                target[joint - 1] += wiggle.at(now - start + period)
                driver.act(guard.check(Moment(state), Command(target), clock.now()).command)
                due = max(due + period, now)
            clock.sleep_until(now + POLL)
    finally:
        driver.stop("The measurement of the camera's latency has ended.")
    return probe.estimate()

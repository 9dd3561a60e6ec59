"""Latency of simulated cameras whose latency is known: by a recording, and by moving an arm."""

from dataclasses import replace

import numpy as np
import pytest

from toto_bench.deploy.cameras import Frame
from toto_bench.deploy.cameras.calibrate import Wiggle, measure_latency
from toto_bench.deploy.cameras.latency import LatencyError, LatencyProbe
from toto_bench.deploy.clock import Clock, VirtualClock
from toto_bench.deploy.driver import RobotFault, RobotInfo
from toto_bench.deploy.drivers.mujoco import MujocoDriver
from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.simulated.camera import SceneCamera
from toto_bench.deploy.simulated.picture import ScenePainter
from toto_bench.deploy.types import Command, RobotMode, RobotState

READY = np.array([0.0, -np.pi / 4, 0.0, -3 * np.pi / 4, 0.0, np.pi / 2, np.pi / 4])
SMOOTH = np.linspace(0, 60, 64)


def picture_of(angle: float, random: np.random.Generator, noise: float = 2.0) -> np.ndarray:
    """A bar that goes to and fro with the joint, in front of a pattern, with noise."""
    columns = np.arange(64)
    bar = 120 * np.exp(-0.5 * ((columns - 32 - 250 * angle) / 3) ** 2)
    rows = np.tile(60 + SMOOTH + bar, (48, 1))
    grey = rows + random.normal(0, noise, rows.shape)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, 2)


class Arm:
    """Follows its target with a lag of the first order; both camera and arm live in the virtual clock."""

    def __init__(self, clock: VirtualClock, lag: float = 0.08) -> None:
        self.clock, self.lag = clock, lag
        self.q, self.target = READY.copy(), READY.copy()
        self.history = [(clock.now(), READY[0])]
        self.stops: list[str] = []
        self.commands: list[Command] = []
        self.mode = RobotMode.MOVE
        clock.follow(self._advance)

    def _advance(self, now: float) -> None:
        share = 1 - np.exp(-(now - self.history[-1][0]) / self.lag)
        self.q = self.q + share * (self.target - self.q)
        self.history.append((now, float(self.q[0])))

    def angle(self, moment: float) -> float:
        times, angles = np.array(self.history).T
        return float(np.interp(moment, times, angles) - READY[0])

    def info(self) -> RobotInfo:
        return RobotInfo("arm", "fr3", simulated=True, versions={})

    def connect(self) -> None: ...

    def observe(self) -> RobotState:
        now = self.clock.now()
        return RobotState(self.q.copy(), np.zeros(7), 1.0, clock=now, received=now, mode=self.mode)

    def act(self, command: Command) -> None:
        if self.stops:
            raise RobotFault("It was stopped.")
        self.commands.append(command)
        self.target = command.q

    def stop(self, reason: str) -> None:
        self.stops.append(reason)


class SimulatedCamera:
    """Pictures of the arm at its own rate, each handed over `latency` after it was taken, with jitter."""

    name = "front"

    def __init__(
        self,
        arm: Arm,
        latency: float,
        *,
        fps: float = 30.0,
        jitter: float = 0.0,
        blind: bool = False,
        noise: float = 2.0,
    ) -> None:
        self.noise = noise
        self.arm, self.latency, self.period, self.jitter, self.blind = arm, latency, 1 / fps, jitter, blind
        self.random = np.random.default_rng(3)
        self.frames: dict[int, Frame] = {}

    def latest(self) -> Frame:
        number = max(0, int((self.arm.clock.now() - self.latency - self.jitter) / self.period))
        if number not in self.frames:
            taken = number * self.period
            angle = 0.0 if self.blind else self.arm.angle(taken)
            late = self.latency + self.random.uniform(-self.jitter, self.jitter)
            received = max(taken + late, max((f.received for f in self.frames.values()), default=0.0))
            self.frames[number] = Frame(
                picture_of(angle, self.random, self.noise), received, received, number
            )
        return self.frames[number]

    def open(self) -> None: ...

    def close(self) -> None: ...


SETTINGS = GuardSettings(rate_hz=10, cameras=("front",))


@pytest.mark.parametrize("latency", [0.0, 0.021, 0.05, 0.117, 0.26])
@pytest.mark.parametrize(("fps", "jitter"), [(30.0, 0.0), (30.0, 0.006), (15.0, 0.0)])
def test_the_latency_is_right_to_within_a_fraction_of_a_frame(
    latency: float, fps: float, jitter: float
) -> None:
    clock = VirtualClock(1.0)
    arm = Arm(clock)
    camera = SimulatedCamera(arm, latency, fps=fps, jitter=jitter)
    found = measure_latency(arm, camera, clock, SETTINGS, seconds=12)
    assert found.seconds == pytest.approx(latency, abs=0.25 / fps)
    assert found.period == pytest.approx(1 / fps, rel=0.2)
    assert found.explained > 0.8
    assert len(arm.stops) == 1


def test_a_noisy_camera() -> None:
    clock = VirtualClock(1.0)
    arm = Arm(clock)
    found = measure_latency(arm, SimulatedCamera(arm, 0.06, noise=20.0), clock, SETTINGS)
    assert found.seconds == pytest.approx(0.06, abs=0.25 / 30)


class Delayed:
    """Hands a camera's pictures over so much later."""

    def __init__(self, camera: SceneCamera, clock: Clock, latency: float) -> None:
        self.camera, self.clock, self.latency = camera, clock, latency
        self.frames = [camera.latest()]

    def latest(self) -> Frame:
        if (frame := self.camera.latest()) is not self.frames[-1]:
            self.frames.append(frame)
        here = [one for one in self.frames if one.received + self.latency <= self.clock.now()] or self.frames[
            :1
        ]
        return replace(here[-1], received=here[-1].received + self.latency)


def test_the_simulated_franka_in_its_scene() -> None:
    driver = MujocoDriver(pace="fast")
    driver.connect()
    painter = ScenePainter("front", height=36, width=48, backend="ray")
    camera = SceneCamera(painter, driver.scene_state, driver.clock, pace="fast")
    camera.open()
    found = measure_latency(driver, Delayed(camera, driver.clock, 0.08), driver.clock, SETTINGS, seconds=8)
    assert found.seconds == pytest.approx(0.08, abs=0.25 / 30)
    with pytest.raises(RobotFault):
        driver.act(Command(READY))
    driver.close()
    camera.close()


def test_every_command_is_small_and_near_home() -> None:
    clock = VirtualClock(1.0)
    arm = Arm(clock)
    measure_latency(arm, SimulatedCamera(arm, 0.05), clock, SETTINGS, joint=1, amplitude=0.08)
    targets = np.array([command.q for command in arm.commands])
    assert np.abs(targets[:, 0] - READY[0]).max() <= 0.08
    assert np.ptp(targets[:, 0]) > 0.05, "it moves"
    assert not (targets[:, 1:] != READY[1:]).any(), "nothing else does"
    assert len(targets) == pytest.approx(120, abs=2)


def test_a_camera_that_does_not_see_the_arm() -> None:
    clock = VirtualClock(1.0)
    arm = Arm(clock)
    with pytest.raises(LatencyError, match="do not follow the arm"):
        measure_latency(arm, SimulatedCamera(arm, 0.05, blind=True), clock, SETTINGS)
    assert arm.stops


def test_interrupted() -> None:
    clock = VirtualClock(1.0)
    arm = Arm(clock)
    with pytest.raises(LatencyError, match="interrupted; the arm is stopped"):
        measure_latency(arm, SimulatedCamera(arm, 0.05), clock, SETTINGS, interrupted=lambda: clock.now() > 3)
    assert arm.stops
    assert clock.now() < 3.1


def test_the_guard_is_asked() -> None:
    clock = VirtualClock(1.0)
    arm = Arm(clock)
    arm.mode = RobotMode.GUIDING
    with pytest.raises(GuardTrip) as caught:
        measure_latency(arm, SimulatedCamera(arm, 0.05), clock, SETTINGS)
    assert caught.value.reason == Reason.MODE
    assert not arm.commands
    assert arm.stops


def test_too_little() -> None:
    probe = LatencyProbe()
    with pytest.raises(LatencyError, match="too few"):
        probe.estimate()
    random = np.random.default_rng(0)
    for number in range(200):
        moment = number / 30
        probe.see_robot(moment, READY)
        probe.see_picture(Frame(picture_of(0.0, random), moment, moment, number))
    with pytest.raises(LatencyError, match=r"only 0\.000 rad"):
        probe.estimate()


def test_a_regular_motion_is_ambiguous_and_is_refused() -> None:
    """A sine of 4 Hz changes the picture alike every eighth of a second: any of those delays would fit."""
    probe, random = LatencyProbe(), np.random.default_rng(0)
    for number in range(3000):
        moment = number / 200
        probe.see_robot(moment, READY + 0.05 * np.sin(2 * np.pi * 4 * moment))
    for number in range(420):
        taken = number / 30
        angle = 0.05 * np.sin(2 * np.pi * 4 * taken)
        probe.see_picture(Frame(picture_of(angle, random), taken + 0.05, taken + 0.05, number))
    with pytest.raises(LatencyError, match="one clear delay"):
        probe.estimate()


def test_a_wiggle_is_smooth_bounded_and_ends_where_it_began() -> None:
    wiggle = Wiggle.drawn(10.0, 0.08, 0.15, seed=4)
    offsets = np.array([wiggle.at(moment) for moment in np.arange(0, 14, 0.001)])
    assert np.abs(offsets).max() <= 0.08
    assert np.abs(np.diff(offsets)).max() / 0.001 <= 0.15 * 1.001
    assert offsets[0] == 0
    assert offsets[-1] == 0
    other = Wiggle.drawn(10.0, 0.08, 0.15, seed=5)
    assert other.at(5.0) != wiggle.at(5.0)

"""A simulated arm in virtual time, a policy that sways it, and a plan: everything that a drill breaks."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.cameras.base import Camera
from toto_bench.deploy.cameras.faulty import CameraFaultKind, FaultyCamera
from toto_bench.deploy.clock import Clock, MonotonicClock, VirtualClock
from toto_bench.deploy.driver import RobotInfo
from toto_bench.deploy.drivers.faults import Fault
from toto_bench.deploy.drivers.faulty import FaultyDriver
from toto_bench.deploy.drivers.mujoco import MujocoDriver
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.runner import (
    Ending,
    PolicyRunner,
    RunnerSettings,
    TickLog,
    Unwritten,
    read_ticks,
    run_trial,
)
from toto_bench.deploy.runner.ticks import Tick
from toto_bench.deploy.simulated.camera import SceneCamera
from toto_bench.deploy.simulated.picture import ScenePainter
from toto_bench.deploy.simulated.scene import CubeScene, build_scene
from toto_bench.deploy.simulated.state import SceneState
from toto_bench.deploy.simulated.world import READY
from toto_bench.deploy.trials import Ended, Ledger, make_plan, read_journal
from toto_bench.robots.policy import ActionChunk, ActionSpec, CameraSpec, Observation, PolicySpec, Readout

RATE = 10.0
SIDE = 16
_SWAY = 0.01
JOINTS = tuple(f"joint{number}" for number in range(1, 8))


def make_spec(chunk: int = 1, kind: str = "joint-delta") -> PolicySpec:
    readout = Readout(
        backbone="pixels",
        weights="none",
        state="",
        architecture="",
        preprocessing="",
        layer=0,
        resolution=SIDE,
        width=3,
    )
    return PolicySpec(
        cameras=(CameraSpec(name="front", height=SIDE, width=SIDE),),
        readout=readout,
        proprio=(*JOINTS, "gripper"),
        action=ActionSpec(kind=kind, names=(*JOINTS, "gripper")),
        rate_hz=RATE,
        chunk=chunk,
    )


@dataclass
class Swaying:
    """A policy that moves all joints to and fro; `spoil` changes its answers, or raises instead."""

    spec: PolicySpec = field(default_factory=make_spec)
    spoil: Callable[[int, ActionChunk], ActionChunk | None] = lambda number, chunk: None
    asked: int = 0

    def reset(self) -> None:
        pass

    def act(self, observation: Observation) -> ActionChunk:
        number, self.asked = self.asked, self.asked + 1
        steps = np.arange(self.spec.chunk) + RATE * observation.time
        actions = np.zeros((self.spec.chunk, 8), dtype=np.float32)
        actions[:, :7] = _SWAY * np.sign(np.sin(steps / 5))[:, None]
        chunk = ActionChunk(actions, self.spec.action.kind, 1 / RATE, observation.time)
        return self.spoil(number, chunk) or chunk


class _Real(MujocoDriver):
    def info(self) -> RobotInfo:
        return replace(super().info(), simulated=False)


class _Noisy(ScenePainter):
    number = 0

    def draw(self, state: SceneState) -> np.ndarray:
        self.number += 1
        noise = np.random.default_rng(self.number).integers(0, 2, (SIDE, SIDE, 3), dtype=np.uint8)
        return np.clip(super().draw(state), 0, 254) + noise


class _Watched(FaultyDriver):
    """Tells when it is stopped."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.called = threading.Event()

    def stop(self, reason: str) -> None:
        super().stop(reason)
        self.called.set()


@dataclass
class Bench:
    """What a drill has at hand."""

    folder: Path
    scene: CubeScene
    clock: Clock = field(default_factory=VirtualClock)
    policy: Swaying = field(default_factory=Swaying)
    guard: dict[str, Any] = field(default_factory=lambda: {"seconds": 4.0})
    settings: RunnerSettings = field(default_factory=RunnerSettings)
    real: bool = False
    """The arm says that it is no simulation, and its camera has a sensor's noise."""

    def __post_init__(self) -> None:
        pace = "fast" if isinstance(self.clock, VirtualClock) else "realtime"
        kind = _Real if self.real else MujocoDriver
        self.arm = kind(self.scene, self.clock, pace, start=READY)
        self.driver = _Watched(self.arm, [], self.clock)
        painter = (_Noisy if self.real else ScenePainter)("front", height=SIDE, width=SIDE, backend="ray")
        self.camera: Camera = SceneCamera(painter, self.arm.scene_state, self.clock, pace=pace)
        self.log = TickLog(self.folder / "ticks.jsonl")
        self.plan = make_plan("franka-cube-pick", ("toto-base",), count=4)
        self.journal = self.folder / "trials.jsonl"
        self.unwritten = Unwritten(self.folder / "elsewhere" / "unwritten.json")

    def connect(self, *faults: Fault) -> None:
        """Arm and camera are on, and faults wait."""
        self.driver.connect()
        self.camera.open()
        for fault in faults:
            self.driver.add(fault)

    def spoil_camera(self, kind: CameraFaultKind, at: int) -> None:
        self.camera = FaultyCamera(self.camera, kind, at)

    def runner(self) -> PolicyRunner:
        guard = GuardSettings.for_policy(self.policy.spec, **self.guard)
        return PolicyRunner(
            self.driver, {"front": self.camera}, self.policy, guard, self.clock, settings=self.settings
        )

    def run(self, **options: Any) -> Ending:
        """The next trial of the plan, as `run_trial` runs it."""
        with Ledger(self.plan, self.journal) as ledger:
            trial = ledger.next
            assert trial is not None
            return run_trial(self.runner(), ledger, trial.number, self.unwritten, self.log, **options)

    @property
    def ended(self) -> Ended:
        """The last end in the journal, as it is on disk."""
        found = [event for event in read_journal(self.journal).events if isinstance(event, Ended)]
        return found[-1]

    @property
    def ticks(self) -> Sequence[Tick]:
        return read_ticks(self.log.path)

    def expect(self, ending: Ending, outcome: str, reason: str, message: str) -> None:
        """The arm stands, the journal says why, and the log tells what was done until then."""
        assert (ending.outcome, ending.reason) == (outcome, reason), ending.message
        assert message in ending.message
        assert self.driver.stops, "the arm was not told to stop"
        assert ending.at_rest
        assert np.abs(self.arm._world.dq).max() < 0.01
        ended = self.ended
        assert (ended.outcome, ended.reason, ended.message) == (outcome, reason, ending.message)
        assert ended.steps == ending.steps == sum(tick.command is not None for tick in self.ticks)


@pytest.fixture
def patient(make_bench: Callable[..., Bench]) -> Callable[..., Bench]:
    """A bench in real time that a busy computer does not stop: only what the drill breaks does."""

    def make() -> Bench:
        guard = {"seconds": 60.0, "camera_age": 30.0, "robot_age": 30.0, "skew": 30.0}
        settings = RunnerSettings(misses_in_a_row=1000, watchdog_periods=10)
        return make_bench(clock=MonotonicClock(), guard=guard, settings=settings)

    return make


@pytest.fixture(scope="session")
def scene() -> CubeScene:
    return build_scene()


@pytest.fixture
def bench(tmp_path: Path, scene: CubeScene) -> Bench:
    return Bench(tmp_path, scene)


@pytest.fixture
def make_bench(tmp_path: Path, scene: CubeScene) -> Callable[..., Bench]:
    def make(**options: Any) -> Bench:
        return Bench(tmp_path, scene, **options)

    return make


@pytest.fixture
def spec_of() -> Callable[..., PolicySpec]:
    return make_spec


@pytest.fixture
def swaying() -> type[Swaying]:
    return Swaying

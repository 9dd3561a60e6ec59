"""A person who gives prepared answers, and a station with a simulated arm in virtual time."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.clock import VirtualClock
from toto_bench.deploy.driver import RobotInfo
from toto_bench.deploy.drivers.faulty import FaultyDriver
from toto_bench.deploy.drivers.mujoco import MujocoDriver
from toto_bench.deploy.session.station import Station
from toto_bench.deploy.simulated.camera import SceneCamera
from toto_bench.deploy.simulated.picture import ScenePainter
from toto_bench.deploy.simulated.scene import CubeScene, build_scene

SIDE = 16


class Scripted:
    """Answers in order; without an answer left they stop, as with Ctrl-C."""

    present = True

    def __init__(self, *answers: str) -> None:
        self.answers: Iterator[str] = iter(answers)
        self.said: list[str] = []
        self.asked: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask(self, question: str) -> str:
        self.asked.append(question)
        answer = next(self.answers, None)
        if answer is None:
            raise KeyboardInterrupt
        return answer


class Patient(Scripted):
    """Lets a second of the arm's time pass before an answer to a question with a certain word."""

    def __init__(self, station: Station, word: str, *answers: str) -> None:
        super().__init__(*answers)
        self.station, self.word = station, word

    def ask(self, question: str) -> str:
        end = self.station.clock.now() + 1.0
        while self.word in question and self.station.clock.now() < end:
            time.sleep(0.001)
        return super().ask(question)


class Agreeing(Scripted):
    """Answers a question by the first word of it that is known; else Enter."""

    def __init__(self, **answers: str) -> None:
        super().__init__()
        self.by_word = answers

    def ask(self, question: str) -> str:
        self.asked.append(question)
        return next((answer for word, answer in self.by_word.items() if word in question), "")


class Watched(FaultyDriver):
    """Remembers what it was sent to; may say that it is real."""

    simulated = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.moves = 0

    def info(self) -> RobotInfo:
        return replace(super().info(), simulated=self.simulated)

    def act(self, command: Any) -> None:
        self.moves += 1
        super().act(command)

    def reset(self, *arguments: Any, **options: Any) -> None:
        self.moves += 1
        super().reset(*arguments, **options)


class Noisy(ScenePainter):
    """Has a sensor's noise: a real camera's pictures are never the same."""

    number = 0

    def draw(self, state: Any) -> np.ndarray:
        self.number += 1
        noise = np.random.default_rng(self.number).integers(0, 2, (SIDE, SIDE, 3), dtype=np.uint8)
        return np.clip(super().draw(state), 0, 254) + noise


@pytest.fixture
def person() -> Callable[..., Scripted]:
    return Scripted


@pytest.fixture
def patient() -> Callable[..., Patient]:
    return Patient


@pytest.fixture
def agreeing() -> Callable[..., Agreeing]:
    return Agreeing


@pytest.fixture(scope="session")
def scene() -> CubeScene:
    return build_scene()


@pytest.fixture
def make_station(scene: CubeScene) -> Callable[..., Station]:
    """A station with the camera `wrist`; a real one has no scene that software could arrange."""

    def make(*, real: bool = False, cameras: bool = True) -> Station:
        clock = VirtualClock()
        arm = MujocoDriver(scene, clock, "fast")
        driver = Watched(arm, [], clock)
        driver.simulated = not real
        painter = Noisy("wrist", height=SIDE, width=SIDE, backend="ray")
        camera = SceneCamera(painter, arm.scene_state, clock, pace="fast")
        return Station(
            driver,
            clock,
            {"wrist": camera} if cameras else {},
            None if real else arm,
            {"wrist": "a test's"} if cameras else {},
        )

    return make

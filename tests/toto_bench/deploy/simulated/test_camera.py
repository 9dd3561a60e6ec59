"""A camera that looks at a simulation, in virtual and in real time."""

import time

import numpy as np
import pytest

from toto_bench.deploy.cameras.base import CameraFault
from toto_bench.deploy.clock import MonotonicClock, VirtualClock
from toto_bench.deploy.simulated.camera import SceneCamera
from toto_bench.deploy.simulated.picture import ScenePainter
from toto_bench.deploy.simulated.state import SceneState, cube_at
from toto_bench.deploy.simulated.world import READY


def state() -> SceneState:
    return SceneState(READY, 1.0, cube_at(0.5, 0.0, 0.0, 0.045))


def painter(**changes: object) -> ScenePainter:
    return ScenePainter("front", **{"height": 16, "width": 24, "backend": "ray", **changes})


def test_pictures_come_at_their_rate_in_virtual_time() -> None:
    clock = VirtualClock()
    camera = SceneCamera(painter(), state, clock, pace="fast", rate_hz=10)
    camera.open()
    first = camera.latest()
    assert first.rgb.shape == (16, 24, 3) and first.rgb.dtype == np.uint8
    assert (first.captured, first.sequence) == (0.0, 0)
    clock.sleep_until(0.05)
    assert camera.latest() is first
    clock.sleep_until(0.1)
    assert (camera.latest().captured, camera.latest().sequence) == (0.1, 1)
    camera.close()
    camera.close()


def test_pictures_come_by_themselves_in_real_time() -> None:
    camera = SceneCamera(painter(), state, MonotonicClock(), rate_hz=100)
    camera.open()
    first = camera.latest()
    end = time.monotonic() + 30
    while camera.latest().sequence < first.sequence + 2 and time.monotonic() < end:
        time.sleep(0.005)
    assert camera.latest().captured > first.captured
    camera.close()
    with pytest.raises(CameraFault, match="not open"):
        camera.latest()


def test_what_cannot_be_drawn_is_a_fault() -> None:
    def gone() -> SceneState:
        raise OSError("the simulator is gone")

    for pace, clock in (("fast", VirtualClock()), ("realtime", MonotonicClock())):
        camera = SceneCamera(painter(), gone, clock, pace=pace)
        with pytest.raises(CameraFault, match="simulator is gone"):
            camera.open()
        camera.close()


def test_nobody_writes_into_a_picture() -> None:
    camera = SceneCamera(painter(), state, VirtualClock(), pace="fast")
    camera.open()
    with pytest.raises(ValueError, match="read-only"):
        camera.latest().rgb[0] = 0

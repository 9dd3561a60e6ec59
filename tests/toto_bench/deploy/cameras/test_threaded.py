"""The reading thread: newest picture at once, faults at the next `latest`, hanging and failing devices."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from toto_bench.deploy.cameras import CameraFault, CaptureSettings
from toto_bench.deploy.cameras.threaded import Picture, ThreadedCamera

PATIENCE = 5.0


class Device:
    """A device whose every picture, fault or silence the test hands over."""

    def __init__(self) -> None:
        self.given: list[Picture | Exception | None] = []
        self.ready = threading.Semaphore(0)
        self.hang = threading.Event()
        self.hanging = threading.Event()
        self.released = threading.Event()

    def give(self, *items: Picture | Exception | None) -> None:
        self.given += items
        for _ in items:
            self.ready.release()

    def read(self) -> Picture | None:
        if self.hang.is_set():
            self.hanging.set()
            time.sleep(PATIENCE)
        if not self.ready.acquire(timeout=0.01):
            return None
        item = self.given.pop(0)
        if isinstance(item, Exception):
            raise item
        return item

    def release(self) -> None:
        self.released.set()


def picture(value: int, received: float = 10.0) -> Picture:
    return Picture(np.full((4, 6, 3), value, np.uint8), received)


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.002)


def fault_of(camera: ThreadedCamera) -> str:
    def failed() -> bool:
        try:
            camera.latest()
        except CameraFault:
            return True
        return False

    wait_for(failed)
    with pytest.raises(CameraFault) as caught:
        camera.latest()
    return str(caught.value)


@pytest.fixture
def device() -> Device:
    return Device()


def camera_of(device: Device, now: Callable[[], float] = lambda: 10.0, **settings: float) -> ThreadedCamera:
    return ThreadedCamera("wrist", lambda: device, CaptureSettings(**settings), now=now)


def test_newest_picture_with_stamps(device: Device) -> None:
    camera = camera_of(device, latency=0.04)
    device.give(picture(1))
    camera.open()
    first = camera.latest()
    assert (first.sequence, first.received, first.captured) == (1, 10.0, pytest.approx(9.96))
    assert camera.latest() is first
    device.give(picture(2), picture(3, 10.05))
    wait_for(lambda: camera.latest().sequence == 3)
    assert camera.latest().rgb[0, 0, 0] == 3
    assert camera.latest().received == 10.05
    with pytest.raises(ValueError, match="read-only"):
        camera.latest().rgb[0, 0, 0] = 9
    camera.close()
    camera.close()
    assert device.released.is_set()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CameraFault("The device has gone."), "`wrist`: The device has gone."),
        (RuntimeError("errno 19"), "errno 19"),
    ],
)
def test_a_fault_comes_with_the_next_latest(device: Device, error: Exception, said: str) -> None:
    camera = camera_of(device)
    device.give(picture(1))
    camera.open()
    device.give(error)
    assert said in fault_of(camera)
    assert device.released.is_set()
    camera.close()


def test_a_hanging_read_blocks_nobody(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toto_bench.deploy.cameras.threaded.JOIN", 0.01)
    moment = [10.0]
    camera = camera_of(device, lambda: moment[0], silence=1.0)
    device.give(picture(1))
    camera.open()
    device.hang.set()
    assert device.hanging.wait(PATIENCE)
    moment[0] = 10.9
    assert camera.latest().sequence == 1, "what is there is given at once, however the device hangs"
    moment[0] = 11.1
    with pytest.raises(CameraFault, match=r"no picture for 1\.1 s"):
        camera.latest()
    camera.close()
    assert not device.released.is_set(), "`close` came back although the read hangs"


def test_no_first_picture(device: Device) -> None:
    camera = camera_of(device, first=0.05)
    with pytest.raises(CameraFault, match=r"no picture within 0\.05 s"):
        camera.open()
    assert device.released.is_set()
    with pytest.raises(CameraFault, match="not open"):
        camera.latest()


def test_another_size_than_asked(device: Device) -> None:
    camera = camera_of(device, width=640, height=480)
    device.give(picture(1))
    with pytest.raises(CameraFault, match=r"6x4 pixels although 640x480 was asked for"):
        camera.open()


def test_no_colour(device: Device) -> None:
    camera = camera_of(device)
    device.give(Picture(np.zeros((4, 6), np.uint8), 1.0))
    with pytest.raises(CameraFault, match=r"uint8 \[4, 6\] instead of colour"):
        camera.open()


def test_opens_again_after_a_fault() -> None:
    devices = [Device(), Device()]
    left = iter(devices)
    camera = ThreadedCamera("wrist", lambda: next(left), CaptureSettings(), now=lambda: 10.0)
    devices[0].give(picture(1))
    camera.open()
    devices[0].give(CameraFault("gone"))
    fault_of(camera)
    devices[1].give(picture(7))
    camera.open()
    assert (camera.latest().sequence, camera.latest().rgb[0, 0, 0]) == (1, 7)
    camera.close()

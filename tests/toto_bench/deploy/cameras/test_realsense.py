"""RealSense cameras: a module that behaves as pyrealsense2 does, and the real one's software device where it is."""

import importlib
import queue
import sys
import time
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.cameras import CameraFault, CaptureSettings
from toto_bench.deploy.cameras.realsense import ColourStream, find_device, realsense_camera, realsense_library
from toto_bench.deploy.cameras.threaded import ThreadedCamera

PATIENCE = 5.0


class Frames:
    """`rs.frame_queue`: as many as its capacity, the oldest goes."""

    def __init__(self, capacity: int) -> None:
        self.capacity, self.frames = capacity, queue.Queue()

    def push(self, frame: Any) -> None:
        while self.frames.qsize() >= self.capacity:
            self.frames.get_nowait()
        self.frames.put(frame)

    def try_wait_for_frame(self, ms: int) -> tuple[bool, Any]:
        try:
            return True, self.frames.get(timeout=ms / 1000)
        except queue.Empty:
            return False, None


class Profile:
    def __init__(self, stream: str, form: str, width: int, height: int, fps: int) -> None:
        self.values = (stream, form, fps, width, height)

    def stream_type(self) -> str:
        return self.values[0]

    def format(self) -> str:
        return self.values[1]

    def fps(self) -> int:
        return self.values[2]

    def as_video_stream_profile(self) -> "Profile":
        return self

    def width(self) -> int:
        return self.values[3]

    def height(self) -> int:
        return self.values[4]


class Sensor:
    def __init__(self, profiles: list[Profile], options: set[str]) -> None:
        self.profiles, self.options = profiles, options
        self.log: list[Any] = []
        self.frames: Frames | None = None

    def get_stream_profiles(self) -> list[Profile]:
        return self.profiles

    def supports(self, option: str) -> bool:
        return option in self.options

    def set_option(self, option: str, value: float) -> None:
        if option == "exposure" and value > 10_000:
            raise RuntimeError('out of range value for argument "value"')
        self.log.append((option, value))

    def open(self, profile: Profile) -> None:
        self.log.append(("open", profile.values))

    def start(self, frames: Frames) -> None:
        self.frames = frames

    def stop(self) -> None:
        self.log.append("stop")
        raise RuntimeError("the device is not there")

    def close(self) -> None:
        self.log.append("close")

    def give(self, number: int, value: int, shape: tuple[int, int] = (48, 64)) -> np.ndarray:
        memory = np.full((*shape, 3), value, np.uint8)
        self.frames.push(SimpleNamespace(get_frame_number=lambda: number, get_data=lambda: memory))
        return memory


@pytest.fixture
def colour() -> Sensor:
    profiles = [
        Profile("color", "yuyv", 64, 48, 60),
        Profile("color", "rgb8", 128, 96, 15),
        Profile("color", "rgb8", 64, 48, 30),
        Profile("color", "rgb8", 32, 24, 30),
    ]
    options = {"enable_auto_exposure", "exposure", "enable_auto_white_balance", "white_balance"}
    return Sensor(profiles, options)


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch, colour: Sensor) -> list[Any]:
    depth = Sensor([Profile("depth", "z16", 64, 48, 90)], set())

    def device(serial: str) -> Any:
        return SimpleNamespace(get_info=lambda what: serial, query_sensors=lambda: [depth, colour])

    plugged = [device("111")]
    module = ModuleType("pyrealsense2")
    names = ["enable_auto_exposure", "exposure", "enable_auto_white_balance", "white_balance"]
    module.camera_info = SimpleNamespace(serial_number="serial")
    module.stream, module.format = SimpleNamespace(color="color"), SimpleNamespace(rgb8="rgb8")
    module.option = SimpleNamespace(**{name: name for name in names})
    module.context = lambda: SimpleNamespace(query_devices=lambda: plugged)
    module.frame_queue = Frames
    monkeypatch.setitem(sys.modules, "pyrealsense2", module)
    plugged.append(device("222"))
    return plugged


def opened(colour: Sensor, settings: CaptureSettings, serial: str = "222") -> ThreadedCamera:
    """The first picture has to come while `open` waits."""
    camera = realsense_camera("wrist", serial, settings)
    start = colour.start

    def start_with_picture(frames: Frames) -> None:
        start(frames)
        colour.give(1, 5)

    colour.start = start_with_picture
    camera.open()
    return camera


def newest(camera: ThreadedCamera, sequence: int) -> np.ndarray:
    end = time.monotonic() + PATIENCE
    while camera.latest().sequence < sequence:
        assert time.monotonic() < end
        time.sleep(0.002)
    return camera.latest().rgb


def test_pictures_and_settings(devices: list[Any], colour: Sensor) -> None:
    camera = opened(
        colour, CaptureSettings(width=64, height=48, exposure=120, white_balance=5900, latency=0.05)
    )
    first = camera.latest()
    assert (first.sequence, first.rgb.shape, first.rgb[0, 0, 0]) == (1, (48, 64, 3), 5)
    assert first.received - first.captured == pytest.approx(0.05)
    memory = colour.give(2, 6)
    kept = newest(camera, 2)
    memory[:] = 99
    assert kept[0, 0, 0] == 6, "the library's memory is not handed on"
    camera.close()
    assert colour.log == [
        ("enable_auto_exposure", 0),
        ("exposure", 120),
        ("enable_auto_white_balance", 0),
        ("white_balance", 5900),
        ("open", ("color", "rgb8", 30, 64, 48)),
        "stop",
        "close",
    ]


def test_the_same_number_again_is_no_new_picture(devices: list[Any], colour: Sensor) -> None:
    camera = opened(colour, CaptureSettings(silence=0.3))
    colour.give(1, 5)
    with pytest.raises(CameraFault, match="no picture for"):
        while True:
            assert camera.latest().sequence == 1
    camera.close()


def test_the_fastest_stream_with_the_most_pixels(devices: list[Any], colour: Sensor) -> None:
    opened(colour, CaptureSettings()).close()
    assert ("open", ("color", "rgb8", 30, 64, 48)) in colour.log


def test_no_such_stream(devices: list[Any], colour: Sensor) -> None:
    camera = realsense_camera("wrist", "111", CaptureSettings(width=640))
    with pytest.raises(
        CameraFault, match="no colour stream of 640xany at any fps; it has 32x24 at 30, 64x48 at 30"
    ):
        camera.open()


def test_which_camera(devices: list[Any]) -> None:
    library = realsense_library()
    assert find_device(library, "222") is devices[1]
    with pytest.raises(CameraFault, match="no RealSense 333; plugged in: 111, 222"):
        find_device(library, "333")
    with pytest.raises(CameraFault, match="no RealSense any; plugged in: 111, 222"):
        find_device(library, "any")
    del devices[1]
    assert find_device(library, "any") is devices[0]
    devices.clear()
    with pytest.raises(CameraFault, match=r"No RealSense is plugged in.*udev"):
        find_device(library, "any")


def test_refused_settings(devices: list[Any], colour: Sensor) -> None:
    with pytest.raises(CameraFault, match="cannot be started: out of range"):
        realsense_camera("wrist", "111", CaptureSettings(exposure=1e6)).open()
    colour.options.remove("white_balance")
    with pytest.raises(CameraFault, match="no fixed white balance"):
        realsense_camera("wrist", "111", CaptureSettings(white_balance=5900)).open()


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("libusb-1.0.so.0: cannot open shared object file", r"apt install libusb-1\.0-0.*udev"),
        ("No module named 'pyrealsense2'", r"pip install 'toto-bench\[realsense\]'.*libusb-1\.0-0"),
    ],
)
def test_without_the_library(monkeypatch: pytest.MonkeyPatch, reason: str, said: str) -> None:
    def fails(name: str) -> ModuleType:
        raise ImportError(reason)

    monkeypatch.setattr(importlib, "import_module", fails)
    with pytest.raises(CameraFault, match=said):
        realsense_camera("wrist").open()


def test_the_real_library() -> None:
    """Its software device gives real frames through a real sensor and queue."""
    try:
        library = importlib.import_module("pyrealsense2")
    except ImportError as error:
        pytest.skip(f"pyrealsense2 cannot be imported: {error}")
    device = library.software_device()
    device.register_info(library.camera_info.serial_number, "777")
    sensor = device.add_sensor("RGB Camera")
    video = library.video_stream()
    video.type, video.index, video.uid, video.fps = library.stream.color, 0, 0, 30
    video.width, video.height, video.bpp, video.fmt = 64, 48, 3, library.format.rgb8
    intrinsics = library.intrinsics()
    intrinsics.width, intrinsics.height = 64, 48
    video.intrinsics = intrinsics
    profile = sensor.add_video_stream(video)
    settings = CaptureSettings(width=64, height=48, fps=30)

    def give(number: int, value: int) -> None:
        frame = library.software_video_frame()
        frame.stride, frame.bpp, frame.frame_number, frame.timestamp = 64 * 3, 3, number, number * 33.0
        frame.domain, frame.profile = (
            library.timestamp_domain.hardware_clock,
            profile.as_video_stream_profile(),
        )
        frame.pixels = np.full((48, 64, 3), (value, value + 1, value + 2), np.uint8)
        sensor.on_video_frame(frame)

    stream: list[ColourStream] = []

    def start() -> ColourStream:
        stream.append(ColourStream(library, device, settings, time.monotonic))
        give(1, 10)
        return stream[0]

    camera = ThreadedCamera("wrist", start, settings)
    camera.open()
    assert camera.latest().rgb[0, 0].tolist() == [10, 11, 12]
    for number in range(2, 6):
        give(number, 10 * number)
        assert newest(camera, number)[0, 0].tolist() == [10 * number, 10 * number + 1, 10 * number + 2]
    camera.close()
    with pytest.raises(CameraFault, match="no fixed exposure"):
        ColourStream(library, device, CaptureSettings(exposure=100), time.monotonic)
    with pytest.raises(CameraFault, match="No RealSense is plugged in"):
        find_device(library, "any")

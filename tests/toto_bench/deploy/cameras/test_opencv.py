"""OpenCV cameras: a real video file, and a capture that behaves as V4L2 does."""

from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest

from toto_bench.deploy.cameras import CameraFault, CaptureSettings
from toto_bench.deploy.cameras.opencv import opencv_camera

COLOURS = [(200, 40, 30), (30, 180, 60), (20, 50, 210)]


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "scene.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 50.0, (64, 48))
    for colour in COLOURS:
        writer.write(np.full((48, 64, 3), colour[::-1], np.uint8))
    writer.release()
    return path


def test_a_video_file_plays_and_ends(video: Path) -> None:
    camera = opencv_camera("front", str(video), CaptureSettings(width=64, height=48))
    camera.open()
    frames = {}
    with pytest.raises(CameraFault, match=r"`front`: The video .*scene\.avi has ended"):
        while True:
            frame = camera.latest()
            frames[frame.sequence] = frame
    camera.close()
    assert set(frames) <= {1, 2, 3}
    for number, frame in frames.items():
        expected = np.array(COLOURS[number - 1])
        assert np.abs(frame.rgb.reshape(-1, 3).mean(0) - expected).max() < 12, "RGB, not BGR"


def test_absent_sources(tmp_path: Path) -> None:
    with pytest.raises(CameraFault, match="There is no video file"):
        opencv_camera("a", str(tmp_path / "none.mp4")).open()
    with pytest.raises(CameraFault, match=r"There is no camera /dev/video977 \(found: .*\)\. Plug it in"):
        opencv_camera("a", "/dev/video977").open()
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(b"no video")
    with pytest.raises(CameraFault, match="OpenCV cannot open"):
        opencv_camera("a", str(damaged)).open()


class Webcam:
    """A `cv2.VideoCapture` that obeys, or refuses, and can be unplugged."""

    refuses: frozenset[int] = frozenset()
    pictures: int | None = None
    opened: ClassVar[list["Webcam"]] = []

    def __init__(self, *arguments: Any) -> None:
        self.arguments, self.set_to, self.read = arguments, [], 0
        self.released = False
        Webcam.opened.append(self)

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def set(self, number: int, value: float) -> bool:
        self.set_to.append((number, value))
        return number not in self.refuses

    def get(self, number: int) -> float:
        return 0.0

    def grab(self) -> bool:
        self.read += 1
        return self.pictures is None or self.read <= self.pictures

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, np.full((48, 64, 3), (1, 2, 3), np.uint8)

    def release(self) -> None:
        self.released = True


@pytest.fixture
def webcam(monkeypatch: pytest.MonkeyPatch) -> type[Webcam]:
    class Fresh(Webcam):
        """With class attributes of this test's own."""

    Webcam.opened = []
    monkeypatch.setattr(cv2, "VideoCapture", Fresh)
    return Fresh


def test_settings_reach_the_camera(webcam: type[Webcam]) -> None:
    settings = CaptureSettings(
        width=64, height=48, fps=30, exposure=120, white_balance=5900, fourcc="MJPG", latency=0.03
    )
    camera = opencv_camera("front", "0", settings)
    camera.open()
    frame = camera.latest()
    camera.close()
    device = Webcam.opened[0]
    assert device.arguments == (0,)
    assert dict(device.set_to) == {
        cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"),
        cv2.CAP_PROP_FRAME_WIDTH: 64,
        cv2.CAP_PROP_FRAME_HEIGHT: 48,
        cv2.CAP_PROP_FPS: 30,
        cv2.CAP_PROP_BUFFERSIZE: 1,
        cv2.CAP_PROP_AUTO_EXPOSURE: 1,
        cv2.CAP_PROP_EXPOSURE: 120,
        cv2.CAP_PROP_AUTO_WB: 0,
        cv2.CAP_PROP_WB_TEMPERATURE: 5900,
    }
    numbers = [number for number, _ in device.set_to]
    assert numbers.index(cv2.CAP_PROP_AUTO_EXPOSURE) < numbers.index(cv2.CAP_PROP_EXPOSURE)
    assert frame.received - frame.captured == pytest.approx(0.03)
    assert frame.rgb[0, 0].tolist() == [3, 2, 1]
    assert device.released


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (cv2.CAP_PROP_EXPOSURE, "exposure 120"),
        (cv2.CAP_PROP_AUTO_EXPOSURE, "a fixed exposure"),
        (cv2.CAP_PROP_WB_TEMPERATURE, "white balance 5900 K"),
        (cv2.CAP_PROP_FOURCC, "the pixel format"),
    ],
)
def test_a_refused_setting(webcam: type[Webcam], number: int, what: str) -> None:
    webcam.refuses = frozenset({number})
    with pytest.raises(CameraFault, match=f"does not take {what}.*v4l2-ctl"):
        opencv_camera("a", "0", CaptureSettings(exposure=120, white_balance=5900, fourcc="MJPG")).open()
    assert Webcam.opened[0].released


def test_unplugged(webcam: type[Webcam]) -> None:
    webcam.pictures = 3
    camera = opencv_camera("front", "0")
    camera.open()
    with pytest.raises(CameraFault, match=r"`front`: 0 gives no pictures any more\. Check its cable"):
        while True:
            camera.latest()
    camera.close()
    assert Webcam.opened[0].released


def test_a_stream_has_timeouts(webcam: type[Webcam]) -> None:
    camera = opencv_camera("front", "rtsp://camera/stream")
    camera.open()
    camera.close()
    source, backend, limits = Webcam.opened[0].arguments
    assert (source, backend) == ("rtsp://camera/stream", cv2.CAP_FFMPEG)
    assert dict(zip(limits[::2], limits[1::2], strict=True)) == {
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: 5000,
        cv2.CAP_PROP_READ_TIMEOUT_MSEC: 5000,
    }

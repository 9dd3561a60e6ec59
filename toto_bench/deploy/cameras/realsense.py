"""Intel RealSense colour cameras (extra `realsense`)."""

import importlib
import time
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from toto_bench.deploy.cameras.base import CameraFault
from toto_bench.deploy.cameras.settings import CaptureSettings
from toto_bench.deploy.cameras.threaded import Picture, ThreadedCamera

Library: TypeAlias = Any
"""The module `pyrealsense2`, and the objects that it gives."""
WAIT_MS = 200
"""A read waits no longer, so that `close` need not."""
ANY = "any"
"""In place of a serial number: the only camera that is plugged in."""


def realsense_camera(
    name: str,
    serial: str = ANY,
    settings: CaptureSettings | None = None,
    *,
    now: Callable[[], float] = time.monotonic,
) -> ThreadedCamera:
    """The colour stream of a RealSense.

    Args:
        name: as policies call the camera.
        serial: number on the camera; `any` where there is only one.
        settings: what is asked of it.
        now: the clock that pictures are stamped with.
    """
    chosen = settings or CaptureSettings()

    def start() -> "ColourStream":
        library = realsense_library()
        return ColourStream(library, find_device(library, serial), chosen, now)

    return ThreadedCamera(name, start, chosen, now=now)


def realsense_library() -> Library:
    """The module.

    Raises:
        CameraFault: it is not installed, or the system lacks libusb.
    """
    try:
        return importlib.import_module("pyrealsense2")
    except ImportError as error:
        if "libusb" in str(error):
            raise CameraFault(
                "pyrealsense2 needs a library of the system that is not there: `sudo apt install libusb-1.0-0`; and "
                "so that a camera may be used without root, put librealsense's 99-realsense-libusb.rules into "
                "/etc/udev/rules.d, run `sudo udevadm control --reload`, and plug the camera in again."
            ) from error
        raise CameraFault(
            "For RealSense cameras the package `pyrealsense2` is needed: `pip install 'toto-bench[realsense]'`, and "
            f"`sudo apt install libusb-1.0-0` ({error})."
        ) from error


def find_device(library: Library, serial: str) -> Library:
    """The camera with this serial number.

    Raises:
        CameraFault: it is not plugged in, or `any` could be several.
    """
    number = library.camera_info.serial_number
    found = {device.get_info(number): device for device in library.context().query_devices()}
    if serial == ANY and len(found) == 1:
        return next(iter(found.values()))
    if serial in found:
        return found[serial]
    if not found:
        raise CameraFault(
            "No RealSense is plugged in, or this user may not use it: see `rs-enumerate-devices`, use a USB 3 port, "
            "and install librealsense's udev rules."
        )
    raise CameraFault(
        f"There is no RealSense {serial}; plugged in: {', '.join(sorted(found))}. Give one of these numbers."
    )


class ColourStream:
    """One open colour sensor; it gives its newest picture, never one from a queue."""

    def __init__(
        self, library: Library, device: Library, settings: CaptureSettings, now: Callable[[], float]
    ) -> None:
        """Set the sensor and start it.

        Raises:
            CameraFault: it has no such stream, or refuses a setting.
        """
        self._library, self._now = library, now
        self._number: int | None = None
        self._sensor, profile = _colour(library, device, settings)
        self._frames = library.frame_queue(1)
        try:
            _adjust(library, self._sensor, settings)
            self._sensor.open(profile)
            self._sensor.start(self._frames)
        except RuntimeError as error:
            raise CameraFault(f"The RealSense cannot be started: {error}.") from error

    def read(self) -> Picture | None:
        """The next picture that the sensor numbered anew."""
        arrived, frame = self._frames.try_wait_for_frame(WAIT_MS)
        received = self._now()
        if not arrived:
            return None
        number = int(frame.get_frame_number())
        if number == self._number:
            return None
        self._number = number
        # The library uses the memory again.
        return Picture(np.array(np.asanyarray(frame.get_data())), received)

    def release(self) -> None:
        """Stop the sensor."""
        for end in (self._sensor.stop, self._sensor.close):
            try:
                end()
            except RuntimeError:
                continue  # it is unplugged


def _colour(library: Library, device: Library, settings: CaptureSettings) -> tuple[Library, Library]:
    """The sensor and the stream: of those that fit, the fastest one with the most pixels."""
    offers = []
    for sensor in device.query_sensors():
        for profile in sensor.get_stream_profiles():
            if profile.stream_type() != library.stream.color or profile.format() != library.format.rgb8:
                continue
            video = profile.as_video_stream_profile()
            offers.append((int(video.width()), int(video.height()), int(profile.fps()), sensor, profile))
    asked = (settings.width, settings.height, settings.fps)
    fits = [
        offer
        for offer in offers
        if all(want in {None, has} for want, has in zip(asked, offer[:3], strict=True))
    ]
    if not fits:
        sizes = sorted({offer[:3] for offer in offers})
        names = ", ".join(f"{width}x{height} at {fps}" for width, height, fps in sizes) or "no colour at all"
        wanted = "{}x{} at {}".format(*("any" if want is None else want for want in asked))
        raise CameraFault(f"The RealSense has no colour stream of {wanted} fps; it has {names}.")
    best = max(fits, key=lambda offer: (offer[2], offer[0] * offer[1]))
    return best[3], best[4]


def _adjust(library: Library, sensor: Library, settings: CaptureSettings) -> None:
    option = library.option
    for what, value, automatic, fixed in (
        ("exposure", settings.exposure, option.enable_auto_exposure, option.exposure),
        ("white balance", settings.white_balance, option.enable_auto_white_balance, option.white_balance),
    ):
        if value is None:
            continue
        if not sensor.supports(fixed):
            raise CameraFault(f"This RealSense has no fixed {what}: leave this setting out.")
        if sensor.supports(automatic):
            sensor.set_option(automatic, 0)
        sensor.set_option(fixed, value)

"""Whether what a camera gives is a picture, and a new one. Ages of pictures are the guard's; this looks at the rest."""

from collections.abc import Callable
from typing import NoReturn, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from toto_bench.deploy.cameras.base import Frame
from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.limits.model import Finite
from toto_bench.robots.policy.spec import CameraSpec, PolicySpec

STRIDE = 4
"""Brightness is judged on every fourth pixel of every fourth row."""
EARLY = 0.005
"""s that a picture's stamp may lie ahead of now."""


class PictureSettings(Finite):
    """What counts as a picture."""

    height: int | None = Field(default=None, ge=1)
    """Pixels; None: those of the first picture."""
    width: int | None = Field(default=None, ge=1)
    age: float = Field(default=0.2, gt=0)
    """s that the picture's number may stand still, however new its stamps are."""
    repeats: int | None = Field(default=3, ge=1)
    """So many new pictures in a row, each the same to the last bit as the one before, are a frozen camera: a sensor
    has noise. None for a simulated camera, whose pictures of a scene at rest are the same."""
    delay: float = Field(default=1.0, gt=0)
    """s between taking and receiving a picture; more means that the camera's clock is wrong."""
    jitter: float = Field(default=0.1, gt=0)
    """s by which that may differ from one picture to the next."""
    black: int = Field(default=8, ge=0, le=255)
    """A picture with 99 % of its values at or below this is black: a cap, no light, no exposure."""
    white: int = Field(default=250, ge=0, le=255)
    """A picture with 95 % of its values at or above this is saturated."""
    flat: float = Field(default=1.0, ge=0)
    """A picture whose channels all have a smaller standard deviation is one colour: a lost signal."""

    @classmethod
    def for_camera(cls, camera: CameraSpec, *, simulated: bool = False) -> Self:
        """Of the size that a policy learnt from."""
        return cls(height=camera.height, width=camera.width, **({"repeats": None} if simulated else {}))


class PictureCheck:
    """Looks at one camera's pictures of one trial. It reads no clock: the same calls give the same answers."""

    def __init__(self, name: str, settings: PictureSettings | None = None) -> None:
        self._name, self._settings = name, settings or PictureSettings()
        self._last: Frame | None = None
        self._advanced = 0.0
        self._repeats = 0

    def check(self, frame: Frame, now: float) -> None:
        """Pass a frame; the same one may come again as long as it is not old.

        Args:
            frame: the camera's newest.
            now: on the clock of its stamps, s.

        Raises:
            GuardTrip: `camera-stale`: the camera is frozen or began anew; `clock`: its clock jumped; `picture`: what
                it gives is no picture.
        """
        last = self._last
        self._expect_times(frame, last, now)
        if last is not None and frame.sequence < last.sequence:
            self._trip(
                Reason.CAMERA_STALE, f"began anew (picture {frame.sequence} came after {last.sequence})"
            )
        if last is not None and frame.sequence == last.sequence:
            if not now - self._advanced <= self._settings.age:
                self._trip(
                    Reason.CAMERA_STALE,
                    f"is frozen: picture {frame.sequence} is still the newest after {now - self._advanced:.3f} s",
                )
            return
        self._expect_picture(frame.rgb, last)
        same = last is not None and np.array_equal(last.rgb, frame.rgb)
        self._repeats = self._repeats + 1 if same else 0
        if self._settings.repeats is not None and self._repeats >= self._settings.repeats:
            self._trip(
                Reason.CAMERA_STALE,
                f"is frozen: its last {self._repeats + 1} pictures are the same to the last bit, with new stamps",
            )
        self._last, self._advanced = frame, now

    def _expect_times(self, frame: Frame, last: Frame | None, now: float) -> None:
        limits = self._settings
        delay = frame.received - frame.captured
        if not (np.isfinite(delay) and -EARLY <= delay <= limits.delay):
            self._trip(Reason.CLOCK, f"says that a picture was taken {delay:.3f} s before it arrived")
        if not frame.received <= now + EARLY:
            self._trip(
                Reason.CLOCK, f"gave a picture that arrives {frame.received - now:.3f} s in the future"
            )
        if last is None:
            return
        if frame.captured < last.captured - EARLY:
            self._trip(Reason.CLOCK, f"has a clock that went back by {last.captured - frame.captured:.3f} s")
        jump = abs(delay - (last.received - last.captured))
        if frame.sequence != last.sequence and not jump <= limits.jitter:
            self._trip(Reason.CLOCK, f"has a clock that jumped by {jump:.3f} s between two pictures")

    def _expect_picture(self, rgb: NDArray[np.uint8], last: Frame | None) -> None:
        shape, limits = np.shape(rgb), self._settings
        if getattr(rgb, "dtype", None) != np.uint8 or len(shape) != 3 or shape[2] != 3 or not np.size(rgb):
            kind = getattr(rgb, "dtype", type(rgb).__name__)
            self._trip(Reason.PICTURE, f"gave {kind} {list(shape)} instead of a uint8 [H, W, 3] picture")
        height, width = (limits.height, limits.width) if last is None else last.rgb.shape[:2]
        if (height or shape[0], width or shape[1]) != shape[:2]:
            self._trip(
                Reason.PICTURE,
                f"gave a picture of {shape[0]}x{shape[1]} pixels (height x width) instead of {height}x{width}",
            )
        few = rgb[::STRIDE, ::STRIDE].reshape(-1, 3)
        for wrong, holds in _FAILURES:
            if holds(few, limits):
                self._trip(Reason.PICTURE, wrong)

    def _trip(self, reason: Reason, what: str) -> NoReturn:
        raise GuardTrip(reason, f"Camera `{self._name}` {what}.")


Failure = Callable[[NDArray[np.uint8], PictureSettings], bool]
"""Whether pixels [N, 3] fail."""


def _black(pixels: NDArray[np.uint8], limits: PictureSettings) -> bool:
    return bool(np.mean(pixels <= limits.black) >= 0.99)


def _white(pixels: NDArray[np.uint8], limits: PictureSettings) -> bool:
    return bool(np.mean(pixels >= limits.white) >= 0.95)


def _flat(pixels: NDArray[np.uint8], limits: PictureSettings) -> bool:
    return bool((pixels.std(0) < limits.flat).all())


_FAILURES: tuple[tuple[str, Failure], ...] = (
    ("gave a black picture: is its cap on, is there light, is its exposure fixed too short", _black),
    ("gave a saturated picture: is a lamp in sight, is its exposure fixed too long", _white),
    ("gave a picture of one colour: its signal is lost", _flat),
)


def picture_checks(spec: PolicySpec, *, simulated: bool = False) -> dict[str, PictureCheck]:
    """A check for each camera of a policy."""
    return {
        camera.name: PictureCheck(camera.name, PictureSettings.for_camera(camera, simulated=simulated))
        for camera in spec.cameras
    }

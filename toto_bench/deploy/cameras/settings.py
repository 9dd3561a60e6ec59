"""How a camera is to be set, the same for every kind."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CaptureSettings:
    """What is asked of a camera; None leaves it to the camera.

    Demonstrations and trials need the same settings: a camera that adapts its exposure shows a policy pictures that it
    has not learnt from.
    """

    width: int | None = None
    """Pixels; a camera that gives another size is refused."""
    height: int | None = None
    fps: int | None = None
    """Pictures per second."""
    exposure: float | None = None
    """A fixed exposure, in the driver's unit (V4L2: 0.1 ms; RealSense: 1 µs)."""
    white_balance: float | None = None
    """A fixed colour temperature, K."""
    fourcc: str | None = None
    """Four letters of the pixel format, such as MJPG (OpenCV only)."""
    latency: float = 0.0
    """s from the moment a picture shows to its arrival here, as `calibrate-latency` measures it."""
    silence: float = 1.0
    """s without a new picture after which the camera counts as gone."""
    first: float = 5.0
    """s that the first picture may take."""

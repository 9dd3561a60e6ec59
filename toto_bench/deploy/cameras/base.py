"""What every camera has to answer."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import TotoBenchError


class CameraFault(TotoBenchError):  # noqa: N818  as `RobotFault`
    """A camera cannot be opened, went away, or gives what is no picture."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture."""

    rgb: NDArray[np.uint8]
    """[H, W, 3]; nobody writes into it."""
    captured: float
    """When it was taken, on the driver's clock (`time.monotonic()` for a real camera): receipt less the camera's
    measured latency."""
    received: float
    """When it arrived here."""
    sequence: int
    """Number of the picture; stands still when the camera does."""


class Camera(Protocol):
    """Gives the newest picture, whoever asks and however often."""

    @property
    def name(self) -> str:
        """As policies call it."""
        ...

    def open(self) -> None:
        """Begin.

        Raises:
            CameraFault: it is not there; the message says what to do.
        """
        ...

    def latest(self) -> Frame:
        """The newest picture; returns within a few milliseconds, without waiting for the next one.

        Raises:
            CameraFault: there is none, or the camera went away.
        """
        ...

    def close(self) -> None:
        """Let go; may be called twice."""
        ...

"""How late a camera's pictures are: what the robot says of its motion, and what the pictures show of it.

While one joint moves to and fro and the rest of the scene stands still, a picture is a function of that joint's
position at the moment it was taken. For every delay that is possible, such a function is fitted; with a wrong one,
pictures of the way there and of the way back do not agree. The delay with the smallest residual is the latency.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.cameras.base import Frame
from toto_bench.deploy.limits import JOINTS, Vector
from toto_bench.errors import TotoBenchError

STEP = 0.001
"""s between two delays that are tried."""
LONGEST = 0.5
"""s; a camera that is later is of no use for control."""
FEWEST = 60
"""Pictures that an estimate needs."""
LEAST_TRAVEL = 0.05
"""rad that the joint has to go in all."""
LEAST_EXPLAINED = 0.3
"""Share of the pictures' variance; with less they do not follow the arm. Noise alone comes to 0.05."""
CLEAR = 1.1
"""By this factor the residual of delays more than two pictures away has to be larger."""
SIDE = 48
"""Pictures are averaged down to so many pixels: less noise, and a smoother function."""
COMPONENTS = 8
"""Principal components of the pictures that are fitted."""
KNOTS = 16
"""Of the piecewise linear function of the joint's position."""


class LatencyError(TotoBenchError):
    """The latency of a camera cannot be told from what was recorded."""


class Latency(NamedTuple):
    """A camera's latency."""

    seconds: float
    """From the moment that a picture shows to its arrival here."""
    explained: float
    """Share of the pictures' variance that the joint's position explains at this delay."""
    period: float
    """s between two pictures; the estimate is good to a fraction of this."""
    pictures: int


class LatencyProbe:
    """Collects what the robot and the camera say, then tells the camera's latency."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._positions: list[Vector] = []
        self._received: list[float] = []
        self._pictures: list[NDArray[np.float32]] = []
        self._sequence: int | None = None

    def see_robot(self, received: float, q: Vector) -> None:
        """A reading of the arm; one that is no newer than the last is left out."""
        if not self._times or received > self._times[-1]:
            self._times.append(received)
            self._positions.append(np.array(q, dtype=np.float64))

    def see_picture(self, frame: Frame) -> None:
        """A picture; the same one may come again."""
        if frame.sequence != self._sequence:
            self._sequence = frame.sequence
            self._received.append(frame.received)
            self._pictures.append(small(frame.rgb))

    def estimate(self) -> Latency:
        """The latency.

        Raises:
            LatencyError: the pictures do not follow the arm, or too little was recorded.
        """
        if len(self._pictures) < FEWEST or len(self._times) < FEWEST:
            raise LatencyError(
                f"{len(self._pictures)} pictures and {len(self._times)} readings of the arm are too few to tell a "
                f"latency; {FEWEST} of each are needed: record for longer."
            )
        positions = np.array(self._positions).reshape(-1, JOINTS)
        return estimate_latency(
            np.array(self._times), positions, np.array(self._received), np.array(self._pictures)
        )


def small(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Grey values of a picture, averaged down, as one row."""
    height, width = rgb.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grey = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, dtype=np.float32).ravel()


def estimate_latency(
    times: NDArray[np.float64],
    positions: NDArray[np.float64],
    received: NDArray[np.float64],
    pictures: NDArray[np.float32],
) -> Latency:
    """The delay at which the pictures are a function of the joint's position.

    Args:
        times: of the robot's readings, ascending, s, [n].
        positions: of the joints, rad, [n, 7]; the one that went farthest counts.
        received: arrival of each picture, s, [k].
        pictures: their values, [k, p].

    Raises:
        LatencyError: the pictures do not follow the arm, or too little was recorded.
    """
    travel = np.abs(np.diff(positions, axis=0)).sum(0)
    if travel.max() < LEAST_TRAVEL:
        raise LatencyError(f"The arm went only {travel.max():.3f} rad: move it, and repeat.")
    joint = positions[:, int(travel.argmax())]
    known = (received - LONGEST >= times[0]) & (received <= times[-1])
    if known.sum() < FEWEST // 2:
        raise LatencyError(
            "The pictures and the readings of the arm overlap too little: record both at once."
        )
    delays = np.arange(0.0, LONGEST, STEP)
    shown, arrived = _components(pictures[known].astype(np.float64)), received[known]
    left = np.array([_residual(np.interp(arrived - delay, times, joint), shown) for delay in delays])
    best, period = int(left.argmin()), float(np.median(np.diff(received)))
    away = np.abs(delays - delays[best]) > 2 * period
    explained = 1 - float(left[best])
    if not explained >= LEAST_EXPLAINED or (away.any() and not left[away].min() >= CLEAR * left[best]):
        raise LatencyError(
            f"The pictures do not follow the arm (its position explains {explained:.0%} of them; "
            f"{LEAST_EXPLAINED:.0%} and one clear delay are needed): see that the arm fills a good part of the "
            "picture, that nothing else moves, and that the light is steady; then repeat."
        )
    return Latency(_lowest(delays, left, best, period), explained, period, len(pictures))


def _components(pictures: NDArray[np.float64]) -> NDArray[np.float64]:
    """The pictures' first principal components, [k, c], of variance 1 in all."""
    centred = pictures - pictures.mean(0)
    directions, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    scores = directions[:, :COMPONENTS] * sizes[:COMPONENTS]
    return np.asarray(scores / max(float(np.linalg.norm(scores)), 1e-12))


def _residual(position: NDArray[np.float64], shown: NDArray[np.float64]) -> float:
    """Share of the variance that a piecewise linear function of the position does not explain."""
    knots = np.linspace(position.min(), position.max(), KNOTS)
    hats = np.clip(1 - np.abs(position[:, None] - knots) / max(knots[1] - knots[0], 1e-12), 0, None)
    fitted = hats @ np.linalg.lstsq(hats, shown, rcond=None)[0]
    return float(np.square(shown - fitted).sum())


def _lowest(delays: NDArray[np.float64], left: NDArray[np.float64], best: int, period: float) -> float:
    """The lowest point of a parabola through the residuals within a picture's time of the best delay."""
    near = np.abs(delays - delays[best]) <= period
    square, slope, _ = np.polyfit(delays[near] - delays[best], left[near], 2)
    if square <= 0:
        return float(delays[best])
    return float(np.clip(delays[best] - slope / (2 * square), delays[near][0], delays[near][-1]))

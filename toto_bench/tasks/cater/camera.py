"""From the ground to the picture and back, for cameras that do not move.

Source of the official camera: rohitgirdhar/CATER, commit 13a19643, `tracking/proj_utils.py`.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from toto_bench.samples.cater.scene import CAMERA, METRES
from toto_bench.tasks.cater.labels import HALF, cell_of

PLANE = 0.3421497941017151
"""Height at which the official code puts what it sees: about the middle of the snitch."""
_OFFICIAL = (
    (1.4503, 1.6376, 0.0, -0.0251),
    (-1.0346, 0.9163, 2.5685, 0.0095),
    (-0.6592, 0.5839, -0.4738, 10.7452),
)
"""Rows x, y (upwards) and w of the official projection of homogeneous points."""
_INSIDE = 1e-5
"""How far inside the ground the official code puts what it sees beyond its upper ends."""
_FITTED_ON = ((-3.0, -3.0), (0.0, 3.0), (-3.0, 0.0), (0.0, 0.0))
"""Places from which the official code learns its way back from the picture."""
_ASPECT = 3 / 4
"""Height over width of the sample's frames."""


@dataclass(frozen=True)
class GroundCamera:
    """A camera that does not move."""

    matrix: NDArray[np.float64]
    """[3, 4]: homogeneous points in units of the scene to x, y, w; x / w and y / w are -1 to 1, y upwards."""

    def project(self, points: ArrayLike) -> NDArray[np.float64]:
        """Points [N, 3] in units of the scene as (x, y) [N, 2] of the picture; (-1, -1) is its top left corner."""
        homogeneous = np.concatenate(
            [np.asarray(points, np.float64), np.ones((len(np.asarray(points)), 1))], 1
        )
        x, y, w = (homogeneous @ self.matrix.T).T
        return np.stack([x / w, -y / w], axis=1)

    def pixels(self, points: ArrayLike, height: int, width: int) -> NDArray[np.float64]:
        """The same as pixels (x, y) [N, 2] of a picture, (0, 0) being its top left corner."""
        return np.asarray((self.project(points) + 1) / 2 * (width, height))

    def place_at(self, x: float, y: float) -> tuple[float, float]:
        """The place (x, y) at the height of PLANE that is seen at a point of the picture (-1 to 1)."""
        ground = np.array([(*place, PLANE) for place in _FITTED_ON])
        back, _ = cv2.findHomography(self.project(ground), ground[:, :2])
        place = cv2.perspectiveTransform(np.array([[[x, y]]], dtype=np.float64), back)[0, 0]
        return float(place[0]), float(place[1])

    def cell_at(self, x: float, y: float, grid: int = 6) -> int:
        """The class that is seen at a point of the picture (-1 to 1), clipped to the ground as in the official code."""
        across, along = (min(max(-HALF, value), HALF - _INSIDE) for value in self.place_at(x, y))
        return cell_of(across, along, grid)


def official_camera() -> GroundCamera:
    """That of `all_actions`; in `all_actions_cameramotion` it moves."""
    return GroundCamera(np.array(_OFFICIAL))


def sample_camera() -> GroundCamera:
    """That of toto-bench's sample, in units of the scene."""
    position, target = np.array(CAMERA.position(0.0)), np.array(CAMERA.target(0.0))
    backward = (position - target) / np.linalg.norm(position - target)
    right = np.cross([0.0, 0.0, 1.0], backward)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(backward, right), backward])
    scale = 1 / np.tan(np.radians(CAMERA.field_of_view) / 2)
    lens = np.diag([scale * _ASPECT, scale, -1.0])
    return GroundCamera(lens @ np.concatenate([axes * METRES, -(axes @ position)[:, None]], axis=1))

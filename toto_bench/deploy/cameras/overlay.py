"""The photo of a start pose laid over what a camera sees, so that a person can put the scene back as it was."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import RequestError
from toto_bench.files import write_bytes
from toto_bench.media.images import ImageError, decode_image

Picture = NDArray[np.uint8]
"""RGB, [H, W, 3]."""
SIGMA = 1.5
"""Of the Gaussian windows of SSIM, pixels (Wang et al. 2004)."""
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
"""Stabilisers of SSIM (same source)."""
TILES = 8
"""The picture is compared in so many rows and columns of tiles."""
GAIN = 3
"""The difference is shown so many times as bright."""


class Similarity(NamedTuple):
    """How alike two pictures are: structural similarity of their grey values, 1 for the same picture."""

    overall: float
    """Mean over the picture."""
    worst: float
    """Mean over the least similar tile: a cube that lies elsewhere shows here, not in `overall`."""
    place: tuple[int, int]
    """Row and column of that tile's centre, in pixels."""


def similarity(reference: Picture, live: Picture) -> Similarity:
    """How alike a reference photo and the live picture are.

    Both are smoothed first, so that the noise of a sensor does not count as a difference.

    Raises:
        RequestError: they have different sizes.
    """
    _expect_same_size(reference, live)
    ssim = _ssim(_grey(reference), _grey(live))
    height, width = ssim.shape
    rows = np.array_split(np.arange(height), min(TILES, height))
    columns = np.array_split(np.arange(width), min(TILES, width))
    means = np.array(
        [[ssim[row[0] : row[-1] + 1, col[0] : col[-1] + 1].mean() for col in columns] for row in rows]
    )
    row, column = np.unravel_index(int(means.argmin()), means.shape)
    place = (int(rows[row].mean()), int(columns[column].mean()))
    return Similarity(float(ssim.mean()), float(means.min()), place)


def blend(reference: Picture, live: Picture, share: float = 0.5) -> Picture:
    """The live picture with the reference shining through.

    Args:
        reference: of the start pose.
        live: from the camera.
        share: of the reference, in [0, 1].

    Raises:
        RequestError: they have different sizes.
    """
    _expect_same_size(reference, live)
    return np.asarray(cv2.addWeighted(reference, share, live, 1 - share, 0), dtype=np.uint8)


def difference(reference: Picture, live: Picture) -> Picture:
    """Where the two differ: black where they are the same.

    Raises:
        RequestError: they have different sizes.
    """
    _expect_same_size(reference, live)
    return np.asarray(cv2.convertScaleAbs(cv2.absdiff(reference, live), alpha=GAIN), dtype=np.uint8)


def overlay(reference: Picture, live: Picture) -> Picture:
    """Live picture, blend and difference side by side, [H, 3 W, 3].

    Raises:
        RequestError: they have different sizes.
    """
    return np.concatenate([live, blend(reference, live), difference(reference, live)], axis=1)


def read_photo(path: Path) -> Picture:
    """A reference photo.

    Raises:
        RequestError: it is not there, or is no picture.
    """
    try:
        return np.asarray(decode_image(path))
    except ImageError as error:
        raise RequestError(
            f"The reference photo {path} cannot be read: {error}. Take it again from the start pose."
        ) from error


def write_photo(path: Path, picture: Picture) -> None:
    """Write a PNG, whole or not at all.

    Raises:
        DiskError: the operating system refused.
    """
    content = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
    write_bytes(path, content.tobytes())


def _grey(picture: Picture) -> NDArray[np.float64]:
    return _smooth(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float64))


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), SIGMA), dtype=np.float64)


def _ssim(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    """SSIM at each pixel, [H, W]."""
    mean_one, mean_two = _smooth(one), _smooth(two)
    variance_one = _smooth(one * one) - mean_one**2
    variance_two = _smooth(two * two) - mean_two**2
    covariance = _smooth(one * two) - mean_one * mean_two
    light = (2 * mean_one * mean_two + C1) / (mean_one**2 + mean_two**2 + C1)
    return np.asarray(light * (2 * covariance + C2) / (variance_one + variance_two + C2))


def _expect_same_size(reference: Picture, live: Picture) -> None:
    if reference.shape != live.shape:
        raise RequestError(
            f"The reference photo is {reference.shape[1]}x{reference.shape[0]} pixels and the camera's picture "
            f"{live.shape[1]}x{live.shape[0]}: use the camera, and the settings, that the photo was taken with."
        )

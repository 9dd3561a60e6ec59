"""Observations at the door of a policy."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.policy.errors import ObservationError
from toto_bench.robots.policy.spec import PolicySpec


def checked_images(
    spec: PolicySpec, images: Mapping[str, NDArray[Any]], count: int | None = None
) -> dict[str, NDArray[np.uint8]]:
    """The pictures of the policy's cameras, uint8 [N, H, W, 3] each.

    Args:
        spec: of the policy.
        images: by camera.
        count: N; that of the first camera if None.

    Raises:
        ObservationError: one is missing, or its pictures have another type, size or number.
    """
    found = {}
    for camera in spec.cameras:
        if camera.name not in images:
            raise ObservationError(
                f"The policy looks through camera `{camera.name}`, and the observation has "
                f"{', '.join(f'`{name}`' for name in images) or 'no pictures'}: name the pictures as "
                "`PolicySpec.cameras` does."
            )
        pictures = np.asarray(images[camera.name])
        count = len(pictures) if count is None and pictures.ndim else count
        expected = (count, camera.height, camera.width, 3)
        if pictures.shape != expected or pictures.dtype != np.uint8:
            raise ObservationError(
                f"The pictures of camera `{camera.name}` are {pictures.dtype} {list(pictures.shape)}; the policy "
                f"learnt from uint8 {list(expected)}: hand them over at this size."
            )
        found[camera.name] = pictures
    return found


def checked_proprio(spec: PolicySpec, proprio: NDArray[Any]) -> NDArray[np.float32]:
    """The proprioception, float32 [N, P].

    Raises:
        ObservationError: another length, or not finite.
    """
    array = np.asarray(proprio, dtype=np.float32)
    if array.ndim != 2 or array.shape[1] != len(spec.proprio):
        raise ObservationError(
            f"The proprioception has shape {list(array.shape)}; the policy reads [N, {len(spec.proprio)}]: "
            f"{', '.join(spec.proprio)}."
        )
    if not np.isfinite(array).all():
        row, column = (int(place[0]) for place in np.nonzero(~np.isfinite(array)))
        raise ObservationError(
            f"`{spec.proprio[column]}` of observation {row} is not finite: the sensor has failed."
        )
    return array

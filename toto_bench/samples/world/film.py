"""Pictures and masks of a stage."""

from contextlib import ExitStack
from functools import cached_property
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from toto_bench.samples.world.stage import Stage
from toto_bench.simulation.backends import RAY
from toto_bench.simulation.renderer import FrameRenderer


class Film:
    """Renders the camera's view of a stage, until it is closed: pictures with a backend, masks always with rays."""

    def __init__(self, stage: Stage, size: tuple[int, int], backend: str, *, oversample: int = 1) -> None:
        self._stage = stage
        self._size = size
        self._open = ExitStack()
        self._backend = backend
        self._oversample = oversample
        bodies = stage.model.geom_bodyid
        labels = np.zeros(stage.model.ngeom + 1, dtype=np.uint8)
        for index, body in enumerate(stage.item_bodies):
            labels[:-1][bodies == body] = index + 1
        self._labels = labels
        self._geoms = [np.flatnonzero(bodies == body).tolist() for body in stage.item_bodies]

    def picture(self) -> NDArray[np.uint8]:
        """uint8 [H, W, 3]."""
        image = self._pictures.image(self._stage.data, 0)
        if self._oversample == 1:
            return image
        return np.asarray(cv2.resize(image, self._size[::-1], interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def mask(self) -> NDArray[np.uint8]:
        """uint8 [H, W]: 0 background, i + 1 the i-th item."""
        labels: NDArray[np.uint8] = self._labels[self._masks.segmentation(self._stage.data, 0)]
        return labels

    def whole(self) -> list[int]:
        """Pixels that each item would cover alone."""
        data = self._stage.data
        return [int((self._masks.segmentation(data, 0, only=geoms) >= 0).sum()) for geoms in self._geoms]

    @cached_property
    def _pictures(self) -> FrameRenderer:
        return self._renderer(self._oversample, self._backend)

    @cached_property
    def _masks(self) -> FrameRenderer:
        return self._renderer(1, RAY)

    def _renderer(self, times: int, backend: str) -> FrameRenderer:
        """One whose pictures are this many times larger than they end up."""
        height, width = (side * times for side in self._size)
        return self._open.enter_context(FrameRenderer(self._stage.model, height, width, backend))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

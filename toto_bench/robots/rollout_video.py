"""Films of chosen episodes."""

from collections.abc import Collection
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from toto_bench.media.h264 import write_h264
from toto_bench.robots.scenes import FRONT
from toto_bench.robots.tasks import ManipulationTask
from toto_bench.robots.views import Views

_QUALITY = 23
"""Constant rate factor of x264: hardly any loss to be seen."""


class EpisodeVideos:
    """Draws chosen episodes and writes each as `episode-NUMBER.mp4`, in real time.

    ```python
    with EpisodeVideos(folder, [0, 1]) as videos:
        rollout(policy, env, 100, videos=videos)
    ```
    """

    def __init__(
        self,
        folder: Path,
        chosen: Collection[int],
        *,
        size: int = 224,
        camera: str = FRONT,
        every: int = 2,
        backend: str = "auto",
        beside: Views | None = None,
    ) -> None:
        """Remember what to film; nothing is drawn before an episode of them runs.

        Args:
            folder: of the files.
            chosen: numbers of the episodes.
            size: side of the pictures, in pixels.
            camera: `front` or `wrist`.
            every: control steps from one picture to the next.
            backend: of the renderer.
            beside: what the policy sees through the wrist camera, shown at the right, enlarged.
        """
        self.written: dict[int, Path] = {}
        """The files by number of the episode."""
        self._folder, self._chosen, self._every = folder, frozenset(chosen), every
        self._size, self._camera, self._backend, self._beside = size, camera, backend, beside
        self._frames: dict[int, list[NDArray[np.uint8]]] = {}
        self._steps: dict[int, int] = {}
        self._views: Views | None = None

    def look(self, task: ManipulationTask, number: int, index: int) -> None:
        """Before a step: draw environment `index` if episode `number` is filmed and a picture is due."""
        if number in self._chosen:
            if self._steps.setdefault(number, 0) % self._every == 0:
                self._draw(task, number, index)
            self._steps[number] += 1

    def finish(self, task: ManipulationTask, number: int, index: int) -> None:
        """Draw the end of an episode that is filmed, and write its file.

        Raises:
            DiskError: the operating system refused.
        """
        if number in self._chosen:
            self._draw(task, number, index)
            path = self._folder / f"episode-{number:03d}.mp4"
            write_h264(path, self._frames.pop(number), task.spec.control_hz / self._every, crf=_QUALITY)
            self.written[number] = path

    def close(self) -> None:
        """Give the renderer back."""
        if self._views is not None:
            self._views.close()
        self._views = None

    def __enter__(self) -> "EpisodeVideos":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _draw(self, task: ManipulationTask, number: int, index: int) -> None:
        if self._views is None:
            self._views = Views(task, self._size, self._backend)
        picture = self._views.draw([index], self._camera)[0]
        if self._beside is not None:
            seen = cv2.resize(
                self._beside.draw([index])[0], (self._size, self._size), interpolation=cv2.INTER_AREA
            )
            picture = np.concatenate([picture, np.asarray(seen, dtype=np.uint8)], axis=1)
        self._frames.setdefault(number, []).append(picture)

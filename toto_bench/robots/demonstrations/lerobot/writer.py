"""A recorder that writes LeRobot's layout v3.0 and loses no episode that was kept."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from toto_bench.files import DiskError, not_written
from toto_bench.robots.demonstrations.errors import RecordingError
from toto_bench.robots.demonstrations.layout import Step, StepLayout
from toto_bench.robots.demonstrations.lerobot.layout import CAMERA
from toto_bench.robots.demonstrations.lerobot.store import Store
from toto_bench.robots.demonstrations.lerobot.tables import columns_of
from toto_bench.robots.demonstrations.lerobot.video import QUALITY, VideoFile

_WORK, _LOCK = ".writing", ".lock"


class LeRobotWriter:
    """Records episodes step by step. An episode that was kept is on disk when `keep` returns, whatever happens then.

    Pictures go to a video as they come; only the numbers of the present episode are in memory. A folder with a set
    that was recorded alike is continued.

    ```python
    with LeRobotWriter(folder, StepLayout(fps=10, joints=names, cameras={"wrist": (480, 640)})) as writer:
        writer.begin(task="pick up the cube")
        writer.add(Step(joints=q, pictures={"wrist": picture}))
        writer.keep(success=True)
    ```
    """

    def __init__(self, folder: Path, layout: StepLayout, *, quality: int = QUALITY) -> None:
        """Begin a set, or go on with one.

        Args:
            folder: of the set.
            layout: what every step holds.
            quality: constant rate factor of x264; lower is better and larger.

        Raises:
            RecordingError: the folder holds something else, or a set that was recorded otherwise, or is in use.
            DiskError: the operating system refused.
        """
        self.folder, self.layout, self._quality = folder, layout, quality
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise not_written(folder, error) from error
        try:
            self._alone()
            self._store = Store(folder, layout)
            self._clear()
        except BaseException:
            os.close(self._lock)
            raise
        self._open = True
        self._task: str | None = None
        self._rows: list[dict[str, NDArray[np.float64]]] = []
        self._videos: dict[str, VideoFile] = {}

    @property
    def kept(self) -> int:
        """Episodes of the set so far."""
        return self._store.episodes

    def begin(self, *, task: str) -> None:
        """Start an episode.

        Args:
            task: what is to be done, in words.

        Raises:
            RecordingError: another one has not been kept or dropped, or the task has no words.
            DiskError: the operating system refused.
        """
        if not self._open or self._task is not None:
            raise RecordingError(
                "An episode is being recorded: `keep` or `drop` it before the next one begins."
            )
        if not task.strip():
            raise RecordingError("An episode needs the words of its task: they go into the set with it.")
        self._rows, self._task = [], task.strip()
        with self._or_drop():
            for camera in self.layout.cameras:
                path = self.folder / _WORK / self._store.video_path(CAMERA + camera)
                self._videos[camera] = VideoFile(path, self.layout.fps, crf=self._quality)

    def add(self, step: Step) -> None:
        """Record a step.

        Raises:
            RecordingError: no episode has begun, or the step is not as declared; the episode goes on without it.
            DiskError: the operating system refused; the episode is dropped.
        """
        if self._task is None:
            raise RecordingError("No episode has begun: call `begin` before the first step.")
        row = self.layout.numbers(step)
        if self.layout.times and self._rows and row["time"][0] <= self._rows[-1]["time"][0]:
            raise RecordingError(
                "A step's time is not after that of the step before it: use a clock that never jumps."
            )
        with self._or_drop():
            for camera, video in self._videos.items():
                video.add(step.pictures[camera])
        self._rows.append(row)

    def keep(self, *, success: bool | None = None) -> int:
        """Put the episode on disk.

        Args:
            success: whether the task was done; None: nobody said.

        Returns:
            Its number in the set.

        Raises:
            RecordingError: no episode has begun, or it has no step.
            DiskError: the operating system refused; the episode is dropped, those kept before stay.
        """
        if self._task is None or not self._rows:
            raise RecordingError("There is no step to keep: call `begin` and `add` first.")
        with self._or_drop():
            for video in self._videos.values():
                video.finish()
            pictures = {CAMERA + camera: video.moments for camera, video in self._videos.items()}
            number = self._store.put(
                columns_of(self._rows, self.layout),
                {key: moments for key, moments in pictures.items() if moments is not None},
                self.folder / _WORK,
                task=self._task,
                success=success,
            )
        self._forget()
        return number

    def drop(self) -> None:
        """Throw the episode away; without one, nothing happens."""
        for video in self._videos.values():
            video.abandon()
        self._forget()

    def close(self) -> None:
        """Drop what was not kept, and let others write to the set; a second call does nothing."""
        if self._open:
            self.drop()
            self._open = False
            os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _or_drop(self) -> Iterator[None]:
        try:
            yield
        except DiskError:
            self.drop()
            raise

    def _forget(self) -> None:
        self._task, self._rows, self._videos = None, [], {}
        self._clear()

    def _clear(self) -> None:
        shutil.rmtree(self.folder / _WORK, ignore_errors=True)

    def _alone(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RecordingError(
                f"{self.folder}: another process is recording into this set. Wait until it has ended, or record into "
                "another folder."
            ) from error
